//! OpenAI's sizes in Google's terms: a ratio of the sides, and a class of size.

use serde_json::{Map, Value};

use super::{body::Asked, invalid};
use crate::DialectError;

/// No side is longer, in pixels or in parts of a ratio.
const MAX_SIDE: u32 = 100_000;

/// What all models can.
const RATIOS: [(u32, u32); 10] =
    [(1, 1), (2, 3), (3, 2), (3, 4), (4, 3), (4, 5), (5, 4), (9, 16), (16, 9), (21, 9)];

/// What only Gemini 3.1 Flash and later can.
const LONG_RATIOS: [(u32, u32); 4] = [(1, 4), (4, 1), (1, 8), (8, 1)];

/// The sides of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ratio {
    width: u32,
    height: u32,
}

impl Ratio {
    /// Reads `1024x1536` or `2:3`.
    pub(super) fn parse(text: &str, separator: char) -> Option<Self> {
        let (width, height) = text.split_once(separator)?;
        let side = |text: &str| {
            text.parse().ok().filter(|side| (1..=MAX_SIDE).contains(side) && !text.starts_with('+'))
        };
        Some(Self { width: side(width)?, height: side(height)? })
    }

    /// The nearest one that the model can.
    fn of(self, model: &str) -> String {
        let long: &[_] = if knows_long_ratios(model) { &LONG_RATIOS } else { &[] };
        let aim = self.log();
        let distance = |(width, height): (u32, u32)| (Self { width, height }.log() - aim).abs();
        let all = RATIOS.iter().chain(long).copied();
        let (width, height) =
            all.min_by(|a, b| distance(*a).total_cmp(&distance(*b))).unwrap_or((1, 1));
        format!("{width}:{height}")
    }

    fn log(self) -> f64 {
        (f64::from(self.width) / f64::from(self.height)).ln()
    }
}

/// `imageConfig` for what the client wants.
pub(super) fn config(
    asked: &Asked<'_>,
    directive: Option<Ratio>,
    model: &str,
) -> Result<Map<String, Value>, DialectError> {
    let size = asked.size.as_deref().filter(|size| !size.is_empty() && *size != "auto");
    let size = size
        .map(|size| {
            let ratio = Ratio::parse(size, 'x').or_else(|| Ratio::parse(size, ':'));
            ratio.map(|ratio| (ratio, size.contains('x')))
        })
        .map(|read| read.ok_or_else(|| invalid("size", "expected 'auto' or a size like 1024x1536")))
        .transpose()?;
    let mut config = Map::new();
    let ratio = directive.map(|ratio| ratio.of(model));
    let ratio = ratio.or_else(|| asked.aspect_ratio.as_deref().map(str::to_owned));
    if let Some(ratio) = ratio.or_else(|| size.map(|(ratio, _)| ratio.of(model))) {
        config.insert("aspectRatio".to_owned(), ratio.into());
    }
    let pixels = size.filter(|(_, in_pixels)| *in_pixels).map(|(ratio, _)| ratio);
    let fine = matches!(asked.quality.as_deref(), Some("hd" | "high"));
    let class = asked.image_size.as_deref().or_else(|| class(model, pixels, fine));
    if let Some(class) = class {
        config.insert("imageSize".to_owned(), class.into());
    }
    Ok(config)
}

/// `imageSize`, for models that know it. A finer picture costs more.
fn class(model: &str, pixels: Option<Ratio>, fine: bool) -> Option<&'static str> {
    if !knows_sizes(model) {
        return None;
    }
    let longest = match pixels {
        None => return fine.then_some("2K"),
        Some(Ratio { width, height }) => width.max(height),
    };
    Some(match longest {
        ..=512 if knows_long_ratios(model) && !fine => "512",
        ..=1536 if !fine => "1K",
        ..=2048 => "2K",
        _ => "4K",
    })
}

/// To Gemini 2.5 it is an error.
fn knows_sizes(model: &str) -> bool {
    !["gemini-2", "gemini-1", "tunedModels/"].iter().any(|old| model.starts_with(old))
        && !model.contains("-lite")
}

fn knows_long_ratios(model: &str) -> bool {
    model == "gemini-3.1-flash-image"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(model: &str, size: &str, quality: &str) -> String {
        let (size, quality) = (Some(size.into()), Some(quality.into()));
        let asked = Asked { size, quality, ..Asked::default() };
        config(&asked, None, model).map_or_else(
            |error| error.message,
            |config| {
                let text = |name: &str| config.get(name).and_then(Value::as_str).unwrap_or("-");
                format!("{} {}", text("aspectRatio"), text("imageSize"))
            },
        )
    }

    #[test]
    fn sizes_become_the_nearest_ratio_and_a_class() {
        let model = "gemini-3.1-flash-image";
        for (size, expected) in [
            ("1024x1024", "1:1 1K"),
            ("1536x1024", "3:2 1K"),
            ("1024x1536", "2:3 1K"),
            ("1792x1024", "16:9 2K"),
            ("1024x1792", "9:16 2K"),
            ("512x512", "1:1 512"),
            ("256x256", "1:1 512"),
            ("auto", "- -"),
            ("4096x1000", "4:1 4K"),
            ("1920x1080", "16:9 2K"),
            ("21:9", "21:9 -"),
        ] {
            assert_eq!(told(model, size, "standard"), expected, "{size}");
        }
        assert_eq!(told(model, "1024x1024", "hd"), "1:1 2K");
        assert_eq!(told(model, "auto", "high"), "- 2K");
        assert_eq!(told("gemini-2.5-flash-image", "1536x1024", "hd"), "3:2 -");
        assert_eq!(told("gemini-3-pro-image", "512x4096", "low"), "9:16 4K");
        for size in ["big", "0x1", "1024x", "-1x5", "99999999x1"] {
            assert!(told(model, size, "").starts_with("Invalid value for 'size'"), "{size}");
        }
    }
}
