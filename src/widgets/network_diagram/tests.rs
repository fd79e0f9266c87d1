//! Where the numbers of a small network stand, and what the pointer means.

use super::*;

const LAYERS: [DiagramLayer<'_>; 2] = [
    DiagramLayer {
        n_in: 2,
        n_out: 3,
        weight: &[0.1, 0.2, 0.3, -0.4, -0.5, -0.6],
        bias: &[0.0, 0.0, 0.7],
    },
    DiagramLayer {
        n_in: 3,
        n_out: 1,
        weight: &[1.0, -2.0, 3.0],
        bias: &[0.25],
    },
];

fn diagram() -> NetworkDiagram<'static> {
    NetworkDiagram {
        name: "Discriminator",
        layers: &LAYERS,
        inputs: &["x₁", "x₂"],
        outputs: &["D(x)"],
        most: 2.0,
        chosen: None,
        version: 0,
    }
}

#[test]
fn every_number_has_its_place_and_its_words() {
    let diagram = diagram();
    let line = |layer, input, neuron| Place {
        layer,
        input,
        neuron,
    };
    let told = |place| diagram.told(place).unwrap();
    let weight = told(line(0, Some(1), 2));
    assert_eq!(weight, "weight from x₂ to neuron 3 of layer 1: −0.600");
    let last = told(line(1, Some(0), 0));
    assert_eq!(last, "weight from neuron 1 of layer 1 to D(x): 1.00");
    assert_eq!(told(line(1, None, 0)), "bias of D(x): 0.250");
    assert!(diagram.told(line(2, None, 0)).is_none());
    assert_eq!(diagram.strength(-7.0), -1.0);
    let words = "Discriminator: 2 → 3 → 1 neurons, 13 weights";
    assert_eq!(diagram.words(), words);
}

#[test]
fn the_pointer_means_the_neuron_on_it_or_the_line_beside_it() {
    let diagram = diagram();
    let x = [0.0, 100.0, 200.0];
    let columns = vec![
        vec![pos2(x[0], 30.0), pos2(x[0], 60.0)],
        vec![pos2(x[1], 0.0), pos2(x[1], 45.0), pos2(x[1], 90.0)],
        vec![pos2(x[2], 45.0)],
    ];
    let at = |x: f32, y: f32| diagram.nearest(&columns, pos2(x, y));
    let neuron = at(101.0, 46.0).unwrap();
    assert_eq!((neuron.layer, neuron.input, neuron.neuron), (0, None, 1));
    let line = at(150.0, 24.0).unwrap();
    assert_eq!((line.layer, line.input, line.neuron), (1, Some(0), 0));
    assert_eq!(at(20.0, 200.0), None);
}
