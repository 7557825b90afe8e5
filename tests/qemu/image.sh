# SPDX-License-Identifier: GPL-2.0
# Unpacking a kernel package; sourced by the scripts that fetch one.

# The image is a bzImage with an ELF file inside, compressed by xz (bookworm), zstd or gzip (later).
decompress() {
	local image=$1 out=$2 way magic tool offset
	for way in "\xfd7zXZ\x00:xz -dc" "\x28\xb5\x2f\xfd:zstd -dc" "\x1f\x8b\x08:gzip -dc"; do
		magic=${way%%:*} tool=${way#*:}
		for offset in $(LC_ALL=C grep -abom4 -P "$magic" "$image" | cut -d: -f1); do
			tail -c +"$((offset + 1))" "$image" | $tool >"$out" 2>/dev/null || true
			[ "$(head -c 4 "$out")" = $'\x7fELF' ] && return
		done
	done
	die "no ELF image found in $image"
}

# Hardware the guest can't have is 80 % of the modules, and of the time depmod takes.
trim_modules() {
	local modules=$1/kernel
	rm -rf "$modules/sound" "$modules"/drivers/net/{ethernet,wireless,usb,can,fddi,hamradio,arcnet,phy}
	find "$modules/drivers" -mindepth 1 -maxdepth 1 \
		! -name net ! -name virtio ! -name char ! -name block -exec rm -rf {} +
}

# unpack_image RELEASE DEB...: into the current folder.
unpack_image() {
	local release=$1 deb
	shift
	for deb; do dpkg-deb -x "$deb" image; done
	mkdir lib
	if [ -d image/lib/modules ]; then mv image/lib/modules lib/; else mv image/usr/lib/modules lib/; fi
	# Since 7.2 all lies where the modules do.
	if [ -d image/boot ]; then
		decompress "image/boot/vmlinuz-$release" vmlinux
		mv "image/boot/config-$release" config
	else
		decompress "lib/modules/$release/vmlinuz" vmlinux
		mv "lib/modules/$release/config" config
	fi
	trim_modules "lib/modules/$release"
	rm -rf image
	depmod -b . "$release"
}
