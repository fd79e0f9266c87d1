//! Writes GGUF 3: what our own tests need of it.

/// A file in the making: keys, then tensors.
pub struct Gguf {
    architecture: &'static str,
    n_keys: u64,
    keys: Vec<u8>,
    n_tensors: u64,
    infos: Vec<u8>,
    data: Vec<u8>,
}

/// GGML's number of a tensor's type.
#[allow(dead_code, reason = "each test writes only some of them")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    F32 = 0,
    Q4_0 = 2,
    Q4_1 = 3,
    Q8_0 = 8,
}

impl Gguf {
    pub fn new(architecture: &'static str) -> Self {
        let mut gguf = Self {
            architecture,
            n_keys: 0,
            keys: Vec::new(),
            n_tensors: 0,
            infos: Vec::new(),
            data: Vec::new(),
        };
        let name = text(architecture);
        gguf.key("general.architecture", 8, &name);
        gguf
    }

    /// A whole number under a key of the architecture.
    pub fn whole(&mut self, key: &str, value: usize) {
        let key = format!("{}.{key}", self.architecture);
        self.key(&key, 4, &(value as u32).to_le_bytes());
    }

    /// A number under a key of the architecture.
    pub fn number(&mut self, key: &str, value: f32) {
        let key = format!("{}.{key}", self.architecture);
        self.key(&key, 6, &value.to_le_bytes());
    }

    /// A text under a key of the architecture.
    #[allow(dead_code, reason = "not every test writes one")]
    pub fn text(&mut self, key: &str, value: &str) {
        let key = format!("{}.{key}", self.architecture);
        self.key(&key, 8, &text(value));
    }

    fn key(&mut self, key: &str, kind: u32, value: &[u8]) {
        self.keys.extend(text(key));
        self.keys.extend(kind.to_le_bytes());
        self.keys.extend(value);
        self.n_keys += 1;
    }

    /// A tensor of `shape`, outermost first, whose blocks are `bytes`.
    pub fn tensor(&mut self, name: &str, shape: &[usize], kind: Type, bytes: &[u8]) {
        self.infos.extend(text(name));
        self.infos.extend((shape.len() as u32).to_le_bytes());
        for &n in shape.iter().rev() {
            self.infos.extend((n as u64).to_le_bytes());
        }
        self.infos.extend((kind as u32).to_le_bytes());
        self.infos.extend((self.data.len() as u64).to_le_bytes());
        self.data.extend(bytes);
        self.data.resize(self.data.len().next_multiple_of(32), 0);
        self.n_tensors += 1;
    }

    /// The whole file.
    pub fn finish(self) -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3u32.to_le_bytes());
        bytes.extend(self.n_tensors.to_le_bytes());
        bytes.extend(self.n_keys.to_le_bytes());
        bytes.extend(self.keys);
        bytes.extend(self.infos);
        bytes.resize(bytes.len().next_multiple_of(32), 0);
        bytes.extend(self.data);
        bytes
    }
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}
