//! Surgery on a running model: what passes a site is scaled, set, or replaced by what passed there
//! in another run, and the model goes on with that. Ablation (Michel et al. 2019) and activation
//! patching (Vig et al. 2020; Meng et al. 2022) are lists of such edits and one forward pass.

use super::hooks::{Hooks, Site};
use candle_core::{Device, Result, Tensor, bail};
use std::ops::Range;

/// One change to what passes one site. What is not named is changed everywhere.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Where.
    pub site: Site,
    /// One head, at sites that have heads.
    pub head: Option<usize>,
    /// These rows: positions, at every site.
    pub rows: Option<Range<usize>>,
    /// These columns: dimensions of the stream, neurons, or keys looked at.
    pub columns: Option<Range<usize>>,
    /// What is done to these numbers.
    pub change: Change,
}

/// What is done to numbers.
#[derive(Debug, Clone)]
pub enum Change {
    /// Each is multiplied by this; 0 switches off.
    Scale(f32),
    /// Each becomes this.
    Set(f32),
    /// Each becomes the number that passed in another run: of the same shape but for the number of
    /// positions, which are counted from the end. Rows the other run does not have stay as they are.
    Patch(Tensor),
}

/// Makes edits; what comes out is then seen by another hook.
#[derive(Debug)]
pub struct Intervene<H> {
    edits: Vec<Edit>,
    then: H,
}

impl<H> Intervene<H> {
    /// Makes `edits` in their order, and shows `then` what the model goes on with.
    pub fn new(edits: Vec<Edit>, then: H) -> Self {
        Self { edits, then }
    }

    /// The hook that saw the edited pass.
    pub fn into_inner(self) -> H {
        self.then
    }
}

impl<H: Hooks> Hooks for Intervene<H> {
    fn wants(&self, site: Site) -> bool {
        self.edits.iter().any(|edit| edit.site == site) || self.then.wants(site)
    }

    fn at(&mut self, site: Site, x: Tensor) -> Result<Tensor> {
        let mut edits = self.edits.iter().filter(|e| e.site == site).peekable();
        if edits.peek().is_none() {
            return self.then.at(site, x);
        }
        let mut grid = Grid::of(&x)?;
        for edit in edits {
            grid.edit(edit)?;
        }
        let edited = Tensor::from_vec(grid.values, x.shape(), &Device::Cpu)?;
        self.then.at(site, edited.to_device(x.device())?)
    }
}

/// A tensor as heads of rows of columns; a tensor without heads is one head.
struct Grid {
    values: Vec<f32>,
    n_heads: usize,
    n_rows: usize,
    n_columns: usize,
}

impl Grid {
    fn of(x: &Tensor) -> Result<Self> {
        let (n_heads, n_rows, n_columns) = match *x.dims() {
            [rows, columns] => (1, rows, columns),
            [heads, rows, columns] => (heads, rows, columns),
            _ => bail!("{:?} has no rows and columns", x.shape()),
        };
        Ok(Self {
            values: x.flatten_all()?.to_vec1()?,
            n_heads,
            n_rows,
            n_columns,
        })
    }

    fn edit(&mut self, edit: &Edit) -> Result<()> {
        let heads = edit.head.map_or(0..self.n_heads, |head| head..head + 1);
        let rows = edit.rows.clone().unwrap_or(0..self.n_rows);
        let columns = edit.columns.clone().unwrap_or(0..self.n_columns);
        if heads.end > self.n_heads || rows.end > self.n_rows || columns.end > self.n_columns {
            bail!(
                "{edit:?}, of ({}, {}, {})",
                self.n_heads,
                self.n_rows,
                self.n_columns
            );
        }
        let other = match &edit.change {
            Change::Patch(other) => Some(Self::of(other)?),
            Change::Scale(_) | Change::Set(_) => None,
        };
        if let Some(other) = &other
            && (other.n_heads, other.n_columns) != (self.n_heads, self.n_columns)
        {
            bail!("a patch of another shape: {edit:?}");
        }
        for head in heads {
            for row in rows.clone() {
                let source = other.as_ref().map(|other| {
                    (row + other.n_rows)
                        .checked_sub(self.n_rows)
                        .map(|row| other.row(head, row))
                });
                let at = (head * self.n_rows + row) * self.n_columns;
                let ours = &mut self.values[at..][columns.clone()];
                match (&edit.change, source) {
                    (Change::Scale(factor), _) => ours.iter_mut().for_each(|x| *x *= factor),
                    (Change::Set(value), _) => ours.fill(*value),
                    (Change::Patch(_), Some(Some(theirs))) => {
                        ours.copy_from_slice(&theirs[columns.clone()]);
                    }
                    (Change::Patch(_), _) => {}
                }
            }
        }
        Ok(())
    }

    fn row(&self, head: usize, row: usize) -> &[f32] {
        &self.values[(head * self.n_rows + row) * self.n_columns..][..self.n_columns]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::hooks::NoHooks;

    fn edited(x: &Tensor, edits: Vec<Edit>) -> Vec<f32> {
        let mut hooks = Intervene::new(edits, NoHooks);
        let x = hooks.at(Site::Z(0), x.clone()).unwrap();
        x.flatten_all().unwrap().to_vec1().unwrap()
    }

    fn edit(change: Change) -> Edit {
        Edit {
            site: Site::Z(0),
            head: None,
            rows: None,
            columns: None,
            change,
        }
    }

    #[test]
    fn only_the_named_head_rows_and_columns_change() -> Result<()> {
        let x = Tensor::arange(0f32, 12.0, &Device::Cpu)?.reshape((2, 3, 2))?;
        let one = Edit {
            head: Some(1),
            rows: Some(1..2),
            columns: Some(0..1),
            ..edit(Change::Scale(-1.0))
        };
        let expected = [0., 1., 2., 3., 4., 5., 6., 7., -8., 9., 10., 11.];
        assert_eq!(edited(&x, vec![one.clone()]), expected);
        let elsewhere = Edit {
            site: Site::Z(1),
            ..one
        };
        assert_eq!(edited(&x, vec![elsewhere])[8], 8.0);
        Ok(())
    }

    #[test]
    fn a_patch_from_another_length_is_counted_from_the_end() -> Result<()> {
        let x = Tensor::zeros((3, 2), candle_core::DType::F32, &Device::Cpu)?;
        let patch = |n: usize| {
            let other = Tensor::arange(1f32, 1.0 + (2 * n) as f32, &Device::Cpu)?;
            Ok::<_, candle_core::Error>(edit(Change::Patch(other.reshape((n, 2))?)))
        };
        assert_eq!(edited(&x, vec![patch(2)?]), [0., 0., 1., 2., 3., 4.]);
        assert_eq!(edited(&x, vec![patch(4)?]), [3., 4., 5., 6., 7., 8.]);
        Ok(())
    }

    #[test]
    fn what_is_not_there_cannot_be_changed() -> Result<()> {
        let x = Tensor::zeros((2, 3, 2), candle_core::DType::F32, &Device::Cpu)?;
        let far = Edit {
            head: Some(2),
            ..edit(Change::Set(1.0))
        };
        assert!(
            Intervene::new(vec![far], NoHooks)
                .at(Site::Z(0), x)
                .is_err()
        );
        Ok(())
    }
}
