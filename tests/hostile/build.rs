//! GGUF and safetensors files written field by field, so that any field can be wrong.

/// A GGUF file in the making. Counts are what was added, unless said otherwise.
#[derive(Clone)]
pub struct Gguf {
    pub version: u32,
    pub n_keys: Option<u64>,
    pub n_tensors: Option<u64>,
    pub keys: Vec<Vec<u8>>,
    pub tensors: Vec<Vec<u8>>,
    pub data: Vec<u8>,
}

impl Gguf {
    pub fn new() -> Self {
        Self {
            version: 3,
            n_keys: None,
            n_tensors: None,
            keys: Vec::new(),
            tensors: Vec::new(),
            data: Vec::new(),
        }
    }

    /// A key whose value has the type `kind` and these bytes.
    pub fn key(mut self, name: impl AsRef<[u8]>, kind: u32, value: &[u8]) -> Self {
        let mut key = text(name);
        key.extend(kind.to_le_bytes());
        key.extend(value);
        self.keys.push(key);
        self
    }

    pub fn u32(self, name: &str, value: u32) -> Self {
        self.key(name, 4, &value.to_le_bytes())
    }

    pub fn u16(self, name: &str, value: u16) -> Self {
        self.key(name, 2, &value.to_le_bytes())
    }

    pub fn text(self, name: &str, value: &str) -> Self {
        self.key(name, 8, &text(value))
    }

    pub fn texts<T: AsRef<[u8]>>(self, name: &str, values: &[T]) -> Self {
        let items: Vec<Vec<u8>> = values.iter().map(text).collect();
        self.key(name, 9, &array(8, items.len() as u64, &items.concat()))
    }

    pub fn i32s(self, name: &str, values: &[i32]) -> Self {
        let items: Vec<u8> = values.iter().flat_map(|n| n.to_le_bytes()).collect();
        self.key(name, 9, &array(5, values.len() as u64, &items))
    }

    /// A tensor's entry; `dims` innermost first, as the file has them.
    pub fn tensor(mut self, name: impl AsRef<[u8]>, dims: &[u64], kind: u32, offset: u64) -> Self {
        let mut tensor = text(name);
        tensor.extend((dims.len() as u32).to_le_bytes());
        for d in dims {
            tensor.extend(d.to_le_bytes());
        }
        tensor.extend(kind.to_le_bytes());
        tensor.extend(offset.to_le_bytes());
        self.tensors.push(tensor);
        self
    }

    /// `n` bytes of data after the header.
    pub fn data(mut self, n: usize) -> Self {
        self.data = vec![0; n];
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut out = b"GGUF".to_vec();
        out.extend(self.version.to_le_bytes());
        out.extend(
            self.n_tensors
                .unwrap_or(self.tensors.len() as u64)
                .to_le_bytes(),
        );
        out.extend(self.n_keys.unwrap_or(self.keys.len() as u64).to_le_bytes());
        out.extend(self.keys.concat());
        out.extend(self.tensors.concat());
        out.resize(out.len().next_multiple_of(32), 0);
        out.extend(&self.data);
        out
    }
}

/// A text as GGUF has it: its length, then its bytes.
pub fn text(text: impl AsRef<[u8]>) -> Vec<u8> {
    let text = text.as_ref();
    [&(text.len() as u64).to_le_bytes(), text].concat()
}

/// An array as GGUF has it: the type of its values, how many it claims, and their bytes.
pub fn array(kind: u32, n: u64, values: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &n.to_le_bytes(), values].concat()
}

/// A safetensors file with this header and `n` bytes of data.
pub fn safetensors(header: &str, n: usize) -> Vec<u8> {
    let mut out = (header.len() as u64).to_le_bytes().to_vec();
    out.extend(header.as_bytes());
    out.resize(out.len() + n, 0);
    out
}

/// One tensor of a safetensors header.
pub fn entry(name: &str, dtype: &str, shape: &str, start: u64, end: u64) -> String {
    format!(r#""{name}":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{start},{end}]}}"#)
}

/// A GGUF file with `value` in place of the 32-bit number that `key` has.
pub fn with_u32(gguf: &[u8], key: &str, value: u32) -> Vec<u8> {
    let name = text(key);
    let at = gguf.windows(name.len()).position(|w| w == name).unwrap();
    let at = at + name.len() + 4;
    let mut changed = gguf.to_vec();
    changed[at..at + 4].copy_from_slice(&value.to_le_bytes());
    changed
}
