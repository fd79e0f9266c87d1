//! Many thin lines as one mesh with soft edges: made once when they change, and then cheap to show in
//! every frame.

use eframe::egui::{Color32, Mesh, Pos2, Vec2};

/// The soft edge on either side, in points.
const SOFT: f32 = 0.75;

/// Adds a line from `a` to `b`. One thinner than a point is drawn a point wide and fainter.
pub fn add_line(mesh: &mut Mesh, [a, b]: [Pos2; 2], width: f32, color: Color32) {
    let along = b - a;
    let length = along.length();
    if !(length > 1e-3 && length < 1e5) {
        return;
    }
    let across = Vec2::new(-along.y, along.x) / length;
    let strength = width.clamp(0.0, 1.0);
    let color = color.gamma_multiply(strength);
    let inner = (width.max(1.0) - SOFT).max(0.0) * 0.5;
    let outer = inner + SOFT;
    let first = mesh.vertices.len() as u32;
    for end in [a, b] {
        for (offset, color) in [
            (-outer, Color32::TRANSPARENT),
            (-inner, color),
            (inner, color),
            (outer, Color32::TRANSPARENT),
        ] {
            mesh.colored_vertex(end + across * offset, color);
        }
    }
    for i in 0..3 {
        let [near, far] = [first + i, first + 4 + i];
        mesh.add_triangle(near, near + 1, far);
        mesh.add_triangle(near + 1, far + 1, far);
    }
}

/// Adds a filled triangle with hard edges: the head of an arrow.
pub fn add_triangle(mesh: &mut Mesh, corners: [Pos2; 3], color: Color32) {
    let first = mesh.vertices.len() as u32;
    for corner in corners {
        mesh.colored_vertex(corner, color);
    }
    mesh.add_triangle(first, first + 1, first + 2);
}

/// Adds an arrow: a shaft, and a head that is never longer than half of it.
pub fn add_arrow(mesh: &mut Mesh, from: Pos2, to: Pos2, width: f32, color: Color32) {
    let along = to - from;
    let length = along.length();
    if !(length > 0.5 && length < 1e5) {
        return;
    }
    let unit = along / length;
    let head = (width * 3.5).min(length * 0.5);
    let across = Vec2::new(-unit.y, unit.x) * head * 0.55;
    let neck = to - unit * head;
    add_line(mesh, [from, neck + unit * 0.5], width, color);
    add_triangle(mesh, [to, neck + across, neck - across], color);
}

/// Adds a square that stands on a corner, with soft edges.
pub fn add_diamond(mesh: &mut Mesh, center: Pos2, radius: f32, color: Color32) {
    let corner = |i: u32, radius: f32| match i {
        0 => center + Vec2::new(0.0, -radius),
        1 => center + Vec2::new(radius, 0.0),
        2 => center + Vec2::new(0.0, radius),
        _ => center + Vec2::new(-radius, 0.0),
    };
    let first = mesh.vertices.len() as u32;
    for i in 0..4 {
        mesh.colored_vertex(corner(i, radius), color);
    }
    for i in 0..4 {
        mesh.colored_vertex(corner(i, radius + SOFT), Color32::TRANSPARENT);
    }
    mesh.add_triangle(first, first + 1, first + 2);
    mesh.add_triangle(first, first + 2, first + 3);
    for i in 0..4 {
        let next = (i + 1) % 4;
        mesh.add_triangle(first + i, first + next, first + 4 + i);
        mesh.add_triangle(first + next, first + 4 + next, first + 4 + i);
    }
}

/// Adds a disc with a soft edge.
pub fn add_disc(mesh: &mut Mesh, center: Pos2, radius: f32, color: Color32) {
    const SIDES: u32 = 10;
    let first = mesh.vertices.len() as u32;
    mesh.colored_vertex(center, color);
    for i in 0..SIDES {
        let angle = std::f32::consts::TAU * i as f32 / SIDES as f32;
        let way = Vec2::angled(angle);
        mesh.colored_vertex(center + way * radius, color);
        mesh.colored_vertex(center + way * (radius + SOFT), Color32::TRANSPARENT);
    }
    for i in 0..SIDES {
        let (a, b) = (first + 1 + 2 * i, first + 1 + 2 * ((i + 1) % SIDES));
        mesh.add_triangle(first, a, b);
        mesh.add_triangle(a, b, a + 1);
        mesh.add_triangle(b, b + 1, a + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::pos2;

    #[test]
    fn a_line_is_as_wide_as_asked_and_fades_at_its_edges() {
        let mut mesh = Mesh::default();
        let ends = [pos2(10.0, 20.0), pos2(50.0, 20.0)];
        add_line(&mut mesh, ends, 4.0, Color32::BLACK);
        let full = mesh.vertices.iter().filter(|v| v.color == Color32::BLACK);
        let ys: Vec<f32> = full.map(|vertex| vertex.pos.y).collect();
        // The middle of the soft edge counts as the edge: inner width and half of both soft edges.
        let inner = ys.iter().copied().fold(f32::MIN, f32::max)
            - ys.iter().copied().fold(f32::MAX, f32::min);
        assert!((inner + SOFT - 4.0).abs() < 1e-4, "{inner}");
        assert!(mesh.is_valid());
    }

    #[test]
    fn an_arrow_ends_at_its_tip_and_lines_without_length_are_left_out() {
        let mut mesh = Mesh::default();
        let (from, to) = (pos2(0.0, 0.0), pos2(30.0, 40.0));
        add_arrow(&mut mesh, from, to, 1.5, Color32::RED);
        let far = mesh.vertices.iter().map(|v| v.pos.distance(from));
        assert!((far.fold(0.0, f32::max) - 50.0).abs() < 1e-3);
        let mut none = Mesh::default();
        add_arrow(&mut none, from, from, 1.5, Color32::RED);
        add_line(&mut none, [from, pos2(f32::NAN, 0.0)], 1.5, Color32::RED);
        assert!(none.is_empty());
    }
}
