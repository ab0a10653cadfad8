# tar, gzip, cpio and their like.
mkdir d; seq 1 1000 >d/numbers; head -c 50000 /dev/zero >d/zeros; ln -s numbers d/link; chmod 750 d
tar cf d.tar d; tar tf d.tar | sort; mkdir x; tar xf d.tar -C x; diff -r d x/d; echo $?; readlink x/d/link; stat -c %a x/d
tar czf d.tgz d; [ "$(stat -c %s d.tgz)" -lt 10000 ]; echo $?; tar xzOf d.tgz d/numbers | tail -n 1; tar tzf d.tgz | wc -l
gzip -c d/numbers | gunzip | cmp - d/numbers; echo $?; gzip -k d/zeros; ls d; gunzip -c d/zeros.gz | wc -c; gzip -t d/zeros.gz; echo $?
cp d/numbers n; gzip n; ls n*; gunzip n.gz; ls n*; zcat d/zeros.gz | md5sum
head -c 20 d/zeros.gz >cut.gz; gunzip -c cut.gz >/dev/null; echo $?; echo garbage | gunzip; echo $?
find d | sort | cpio -o -H newc 2>/dev/null >d.cpio; mkdir y; cd y; cpio -id <../d.cpio 2>/dev/null; cd ..; diff -r d y/d; echo $?
bzip2 -c d/numbers | bunzip2 | cmp - d/numbers; echo $?; xz -dc </dev/null; echo $?
tar cf - d | (mkdir z; cd z; tar xf -); diff -r d z/d; echo $?
uuencode -m name <d/link | tail -n 3; tar xf none.tar; echo $?
