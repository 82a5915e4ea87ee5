//! Plots as SVG: panels side by side, the y axis logarithmic.

use std::fmt::Write;

/// One line of a panel.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// Its points.
    pub points: Vec<(f64, f64)>,
}

/// One panel.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Above it.
    pub title: String,
    /// Below it.
    pub x_label: String,
    /// Beside it.
    pub y_label: String,
    /// Names of x = 0, 1, 2 …; without them, the x axis is logarithmic, too.
    pub x_names: Option<Vec<String>>,
    /// The lines.
    pub series: Vec<Series>,
}

const COLOURS: [&str; 7] = [
    "#888888", "#d95f02", "#e6ab02", "#1b6fb3", "#1b9e77", "#8fc1e8", "#7570b3",
];
const WIDTH: f64 = 330.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 62.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = 48.0;
const LEGEND: f64 = 22.0;

/// The file.
#[must_use]
pub fn svg(title: &str, panels: &[Panel]) -> String {
    let width = panels.len() as f64 * (WIDTH + LEFT) + 24.0;
    let names = |panel: &Panel| -> Vec<String> {
        panel
            .series
            .iter()
            .map(|series| series.name.clone())
            .collect()
    };
    let is_shared = panels
        .windows(2)
        .all(|pair| names(&pair[0]) == names(&pair[1]));
    let most = panels.iter().map(|panel| panel.series.len()).max();
    let rows = if is_shared { 1 } else { most.unwrap_or(0) };
    let legend_top = TOP + HEIGHT + BOTTOM;
    let height = legend_top + rows as f64 * LEGEND + 8.0;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{LEFT}\" y=\"22\" font-size=\"15\" font-weight=\"bold\">{title}</text>\n"
    );
    let ys = panels.iter().flat_map(|panel| &panel.series);
    let ys = ys.flat_map(|series| series.points.iter().map(|(_, y)| *y));
    let scale = Scale::over(ys);
    for (index, panel) in panels.iter().enumerate() {
        draw(
            &mut text,
            panel,
            LEFT + index as f64 * (WIDTH + LEFT),
            &scale,
        );
    }
    for (column, panel) in panels.iter().enumerate() {
        for (index, series) in panel.series.iter().enumerate() {
            let (x, y) = match (is_shared, column) {
                (true, 0) => (LEFT + index as f64 * 160.0, legend_top),
                (true, _) => break,
                (false, _) => (
                    LEFT + column as f64 * (WIDTH + LEFT),
                    legend_top + index as f64 * LEGEND,
                ),
            };
            let (x, y, colour) = (x + 6.0, y + 10.0, COLOURS[index % COLOURS.len()]);
            let _ = writeln!(
                text,
                "<circle cx=\"{x}\" cy=\"{y}\" r=\"5\" fill=\"{colour}\"/><text x=\"{}\" y=\"{}\">{}</text>",
                x + 12.0,
                y + 4.0,
                series.name
            );
        }
    }
    text + "</svg>\n"
}

/// A logarithmic axis over whole powers of ten.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn over(values: impl Iterator<Item = f64>) -> Self {
        let (mut low, mut high) = (f64::MAX, f64::MIN);
        for value in values.filter(|value| *value > 0.0) {
            (low, high) = (low.min(value.log10()), high.max(value.log10()));
        }
        Self {
            low: low.floor(),
            high: high.ceil().max(low.floor() + 1.0),
        }
    }

    /// From 0 to 1; what is not above zero is put at the foot.
    fn place(&self, value: f64) -> f64 {
        let log = value.max(1e-12).log10().clamp(self.low, self.high);
        (log - self.low) / (self.high - self.low)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        (self.low as i32..=self.high as i32).map(|power| 10_f64.powi(power))
    }
}

fn draw(text: &mut String, panel: &Panel, left: f64, ys: &Scale) {
    let xs = panel.series.iter().flat_map(|series| &series.points);
    let log = Scale::over(xs.map(|(x, _)| *x));
    let x_of = |x: f64| match &panel.x_names {
        Some(names) => left + WIDTH * (x + 0.5) / names.len() as f64,
        None => left + WIDTH * (0.04 + 0.92 * log.place(x)),
    };
    let y_of = |y: f64| TOP + HEIGHT * (1.0 - ys.place(y));
    let (middle, foot) = (left + WIDTH / 2.0, TOP + HEIGHT);
    let _ = writeln!(
        text,
        "<text x=\"{middle}\" y=\"46\" text-anchor=\"middle\" font-weight=\"bold\">{}</text>\
         <text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{}</text>\
         <text transform=\"translate({} {}) rotate(-90)\" text-anchor=\"middle\">{}</text>\
         <rect x=\"{left}\" y=\"{TOP}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"none\" stroke=\"#999\"/>",
        panel.title,
        foot + 36.0,
        panel.x_label,
        left - 44.0,
        TOP + HEIGHT / 2.0,
        panel.y_label
    );
    for tick in ys.ticks() {
        let y = y_of(tick);
        let _ = writeln!(
            text,
            "<line x1=\"{left}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\" stroke=\"#ddd\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{tick}</text>",
            left + WIDTH,
            left - 6.0,
            y + 4.0
        );
    }
    let names: Vec<(f64, String)> = match &panel.x_names {
        Some(names) => (0..).map(f64::from).zip(names.iter().cloned()).collect(),
        None => log.ticks().map(|tick| (tick, tick.to_string())).collect(),
    };
    for (x, name) in names {
        let (x, y) = (x_of(x), foot + 18.0);
        let _ = writeln!(
            text,
            "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{name}</text>"
        );
    }
    for (index, series) in panel.series.iter().enumerate() {
        let place = |(x, y): &(f64, f64)| format!("{:.1},{:.1}", x_of(*x), y_of(*y));
        let points: Vec<String> = series.points.iter().map(place).collect();
        trace(text, COLOURS[index % COLOURS.len()], &points);
    }
}

/// A line through these points, and a mark at each.
fn trace(text: &mut String, colour: &str, points: &[String]) {
    let path = points.join(" ");
    let _ = writeln!(
        text,
        "<polyline points=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"
    );
    for point in points {
        let (x, y) = point.split_once(',').unwrap_or_default();
        let _ = writeln!(
            text,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"4\" fill=\"{colour}\"/>"
        );
    }
}
