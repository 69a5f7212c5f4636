//! How large a picture is, by its first bytes.

/// Width and height in pixels, of a PNG or a JPEG.
pub(crate) fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => {
            let (width, rest) = bytes.get(16..)?.split_first_chunk::<4>()?;
            let height = rest.first_chunk::<4>()?;
            Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
        }
        [0xff, 0xd8, rest @ ..] => jpeg(rest),
        _ => None,
    }
}

/// Goes from one segment to the next until one describes the frame.
fn jpeg(mut rest: &[u8]) -> Option<(u32, u32)> {
    loop {
        let [0xff, marker, after @ ..] = rest else { return None };
        if *marker == 0xff {
            rest = rest.get(1..)?;
            continue;
        }
        let length = usize::from(u16::from_be_bytes(*after.first_chunk::<2>()?));
        // C4, C8 and CC are tables; all others of the row begin a frame.
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            let [_, _, _, high, low, wide, narrow, ..] = after else { return None };
            let height = u16::from_be_bytes([*high, *low]);
            let width = u16::from_be_bytes([*wide, *narrow]);
            return Some((width.into(), height.into()));
        }
        rest = after.get(length..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn png_and_jpeg_tell_their_size() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x04\0\0\0\x06\0\x08";
        assert_eq!(dimensions(png), Some((1024, 1536)));
        let jpeg =
            b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xdb\0\x03a\xff\xc2\0\x11\x08\x01\x02\x03\x04\x03";
        assert_eq!(dimensions(jpeg), Some((0x304, 0x102)));
        for broken in [&png[..20], &jpeg[..14], b"\xff\xd8\xff\xe0\0\0", b"", b"GIF89a"] {
            assert_eq!(dimensions(broken), None, "{broken:?}");
        }
    }
}
