//! Pictures that phones read: QR codes, each as one path of an SVG.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around the code, as readers need them.
const MARGIN: i32 = 4;

/// A QR code. It says what its text says, so it is as secret as that.
#[derive(Debug)]
pub(crate) struct Picture {
    /// Of one side, in modules, the margin included.
    pub(crate) width: i32,
    /// The dark modules, for `<path d>`.
    pub(crate) path: String,
}

impl Picture {
    /// The picture of a text; `None` if that is too long for one.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
        let mut path = String::new();
        for (y, x) in (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (y, x))) {
            if code.get_module(x, y) {
                write!(path, "M{},{}h1v1h-1z", x + MARGIN, y + MARGIN).ok()?;
            }
        }
        Some(Self { width: code.size() + 2 * MARGIN, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a module is dark, as the picture is drawn.
    fn is_dark(picture: &Picture, x: i32, y: i32) -> bool {
        picture.path.contains(&format!("M{},{}h1", x + MARGIN, y + MARGIN))
    }

    #[test]
    fn it_is_drawn_with_its_three_corners_and_nothing_in_the_margin() {
        let picture = Picture::of("gk_0123456789abcdef").unwrap();
        let size = picture.width - 2 * MARGIN;
        for (left, top) in [(0, 0), (size - 7, 0), (0, size - 7)] {
            for place in 0..7 {
                assert!(is_dark(&picture, left + place, top), "an edge above");
                assert!(is_dark(&picture, left, top + place), "an edge at the left");
            }
            assert!(!is_dark(&picture, left + 1, top + 1), "the ring within");
            assert!(is_dark(&picture, left + 3, top + 3), "the middle");
        }
        assert!((0..picture.width).all(|place| !is_dark(&picture, place - MARGIN, -1)));
        assert_ne!(picture.path, Picture::of("gk_0123456789abcdeg").unwrap().path);
        assert!(Picture::of(&"x".repeat(3_000)).is_none());
    }
}
