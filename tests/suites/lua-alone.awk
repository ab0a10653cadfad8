# Makes of all.lua of Lua's test suite one that runs a single of its files, as all.lua does: with what it sets up before and looks at
# behind.
#
#   awk -f lua-alone.awk -v want=strings.lua all.lua
#
# Between the first file and the messages, each line belongs to the file that was named last.
/^dofile\('main\.lua'\)/ { files = 1 }
/^if #msgs > 0/ { files = 0 }
files && /^require"tracegc"/ { owner = want }
files && /^if not _G\._soft/ { owner = "big.lua" }
files && match($0, /[a-z0-9]+\.lua/) { owner = substr($0, RSTART, RLENGTH) }
!files || owner == want
