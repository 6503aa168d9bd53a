using CacheProxy.Inference.Graph;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Families;

/// <summary>Llama and what is built like it.</summary>
internal static class LlamaFamily
{
    /// <exception cref="ModelFormatException">Another architecture, or sizes that contradict each other.</exception>
    public static DecoderConfig Read(ICheckpoint checkpoint)
    {
        IModelSettings settings = checkpoint.Settings;
        if (settings.Architecture != "llama")
        {
            throw settings.Error(SettingKey.Architecture, $"is {settings.Architecture}; llama is supported");
        }

        int Positive(string key, int? otherwise = null)
        {
            int value = settings.FindInt32(key) ?? otherwise ?? throw settings.Error(key, "is missing");
            return value is > 0 and < 1 << 24 ? value : throw settings.Error(key, $"is {value}");
        }

        int width = Positive(SettingKey.Width), heads = Positive(SettingKey.Heads);
        int keyValueHeads = Positive(SettingKey.KeyValueHeads, heads), headSize = Positive(SettingKey.HeadSize, width / heads);
        if (heads % keyValueHeads != 0)
        {
            throw settings.Error(SettingKey.KeyValueHeads, $"is {keyValueHeads}, which does not divide the {heads} query heads");
        }

        if (headSize % 16 != 0 || headSize > 512)
        {
            throw settings.Error(SettingKey.HeadSize, $"gives heads of {headSize}; multiples of 16 up to 512 are supported");
        }

        var shape = new AttentionShape(heads, keyValueHeads, headSize, 1 / MathF.Sqrt(headSize), 0, 0, 0, RotaryLayout.Pairs, HeadNorm.None);
        return new DecoderConfig
        {
            Attention = [.. Enumerable.Repeat(shape, Positive(SettingKey.Layers))],
            Width = width,
            FeedForward = Positive(SettingKey.FeedForward),
            Vocabulary = checkpoint.Get("token_embd.weight").Rows,
            ContextLength = Positive(SettingKey.ContextLength),
            NormEpsilon = settings.FindSingle(SettingKey.NormEpsilon) ?? throw settings.Error(SettingKey.NormEpsilon, "is missing"),
            Rotations = [new RotaryTable { Frequencies = ReadFrequencies(checkpoint, headSize) }],
        };
    }

    private static double[] ReadFrequencies(ICheckpoint checkpoint, int headSize)
    {
        IModelSettings settings = checkpoint.Settings;
        const string factorTensor = "rope_freqs.weight";
        int rotated = settings.FindInt32(SettingKey.RotaryDimensions) ?? headSize;
        if (rotated < 0 || rotated > headSize || rotated % 2 != 0)
        {
            throw settings.Error(SettingKey.RotaryDimensions, $"is {rotated} for heads of {headSize}");
        }

        string? scaling = settings.FindString(SettingKey.RotaryScaling);
        if (scaling is not (null or "none" or "linear"))
        {
            throw settings.Error(SettingKey.RotaryScaling, $"is {scaling}; none and linear are supported");
        }

        double linear = scaling == "linear" ? settings.FindSingle(SettingKey.RotaryFactor) ?? throw settings.Error(SettingKey.RotaryFactor, "is missing") : 1;
        double frequencyBase = settings.FindSingle(SettingKey.RotaryBase) ?? 10000;
        float[] factors = new float[rotated / 2];
        Array.Fill(factors, 1f);
        if (checkpoint.Has(factorTensor))
        {
            IWeightMatrix tensor = checkpoint.Get(factorTensor);
            if (tensor.Columns != factors.Length || tensor.Rows != 1)
            {
                throw new ModelFormatException(checkpoint.Path, factorTensor, $"has {tensor.Columns} factors for {factors.Length} rotated pairs");
            }

            tensor.Dequantize(0, factors);
        }

        return [.. factors.Select((factor, pair) => Math.Pow(frequencyBase, -2.0 * pair / rotated) / (factor * linear))];
    }
}
