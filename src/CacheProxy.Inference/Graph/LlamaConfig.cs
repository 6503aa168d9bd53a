using CacheProxy.Inference.Gguf;

namespace CacheProxy.Inference.Graph;

/// <summary>Sizes and constants of a Llama-style decoder.</summary>
public sealed record LlamaConfig
{
    public required int Layers { get; init; }

    public required int Width { get; init; }

    public required int QueryHeads { get; init; }

    /// <summary>Divides <see cref="QueryHeads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Floats of one head, a multiple of 16.</summary>
    public required int HeadSize { get; init; }

    public required int FeedForward { get; init; }

    public required int Vocabulary { get; init; }

    public required int ContextLength { get; init; }

    public required float NormEpsilon { get; init; }

    /// <summary>Angle per position of each rotated pair (x[2i], x[2i+1]) of a head, in radians; pairs beyond it are not rotated.</summary>
    public required double[] RotaryFrequencies { get; init; }

    /// <summary>Columns of the packed projection: queries, keys, values.</summary>
    internal int PackedWidth => (QueryHeads + (2 * KeyValueHeads)) * HeadSize;

    /// <exception cref="GgufFormatException">Another architecture, or sizes that contradict each other.</exception>
    public static LlamaConfig Read(GgufFile file)
    {
        GgufMetadata metadata = file.Metadata;
        string architecture = metadata.GetString("general.architecture");
        if (architecture != "llama")
        {
            throw metadata.Error("general.architecture", $"is {architecture}; llama is supported");
        }

        int Positive(string key)
        {
            int value = metadata.GetInt32(key);
            return value is > 0 and < 1 << 24 ? value : throw metadata.Error(key, $"is {value}");
        }

        int width = Positive("llama.embedding_length"), heads = Positive("llama.attention.head_count");
        int keyValueHeads = metadata.Has("llama.attention.head_count_kv") ? Positive("llama.attention.head_count_kv") : heads;
        int headSize = metadata.Has("llama.attention.key_length") ? Positive("llama.attention.key_length") : width / heads;
        if (heads % keyValueHeads != 0)
        {
            throw metadata.Error("llama.attention.head_count_kv", $"is {keyValueHeads}, which does not divide the {heads} query heads");
        }

        if (headSize % 16 != 0 || headSize > 512)
        {
            throw metadata.Error("llama.attention.key_length", $"gives heads of {headSize}; multiples of 16 up to 512 are supported");
        }

        return new LlamaConfig
        {
            Layers = Positive("llama.block_count"),
            Width = width,
            QueryHeads = heads,
            KeyValueHeads = keyValueHeads,
            HeadSize = headSize,
            FeedForward = Positive("llama.feed_forward_length"),
            Vocabulary = file.GetTensor("token_embd.weight").Rows,
            ContextLength = Positive("llama.context_length"),
            NormEpsilon = metadata.GetSingle("llama.attention.layer_norm_rms_epsilon"),
            RotaryFrequencies = ReadFrequencies(file, headSize),
        };
    }

    private static double[] ReadFrequencies(GgufFile file, int headSize)
    {
        GgufMetadata metadata = file.Metadata;
        const string key = "llama.rope.dimension_count", factorTensor = "rope_freqs.weight";
        int rotated = metadata.FindInt32(key) ?? headSize;
        if (rotated < 0 || rotated > headSize || rotated % 2 != 0)
        {
            throw metadata.Error(key, $"is {rotated} for heads of {headSize}");
        }

        string? scaling = metadata.FindString("llama.rope.scaling.type");
        if (scaling is not (null or "none" or "linear"))
        {
            throw metadata.Error("llama.rope.scaling.type", $"is {scaling}; none and linear are supported");
        }

        double linear = scaling == "linear" ? metadata.GetSingle("llama.rope.scaling.factor") : 1;
        double frequencyBase = metadata.FindSingle("llama.rope.freq_base") ?? 10000;
        float[] factors = new float[rotated / 2];
        Array.Fill(factors, 1f);
        if (file.Tensors.TryGetValue(factorTensor, out GgufTensor? tensor))
        {
            if (tensor.Columns != factors.Length || tensor.Rows != 1)
            {
                throw metadata.Error(factorTensor, $"has {tensor.Columns} factors for {factors.Length} rotated pairs");
            }

            file.Dequantize(tensor, 0, factors);
        }

        return [.. factors.Select((factor, pair) => Math.Pow(frequencyBase, -2.0 * pair / rotated) / (factor * linear))];
    }
}
