/* SPDX-License-Identifier: MIT
 *
 * png2ppm FILE.png: the same picture as PPM on standard output, to be compared. (libpng's own programs are not in Debian 12.)
 */
#include <png.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	void *pixels;

	if (argc != 2 || !png_image_begin_read_from_file(&image, argv[1])) {
		fprintf(stderr, "png2ppm: %s\n", image.message);
		return 1;
	}
	image.format = PNG_FORMAT_RGB;
	pixels = malloc(PNG_IMAGE_SIZE(image));
	if (!pixels || !png_image_finish_read(&image, NULL, pixels, 0, NULL)) {
		fprintf(stderr, "png2ppm: %s\n", image.message);
		return 1;
	}
	printf("P6\n%u %u\n255\n", image.width, image.height);
	fwrite(pixels, PNG_IMAGE_SIZE(image), 1, stdout);
	free(pixels);
	return fflush(stdout) != 0;
}
