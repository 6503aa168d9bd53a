using CacheProxy.Inference.Graph;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Families;

/// <summary>Reads the rotary table of a model from its settings, and from its tensors where GGUF keeps factors there.</summary>
internal sealed class RotaryReader(ICheckpoint checkpoint, int headSize, int contextLength)
{
    private const string Factors = "rope_freqs.weight", ShortFactors = "rope_factors_short.weight", LongFactors = "rope_factors_long.weight";

    private const float DefaultBase = 10000;

    private readonly IModelSettings _settings = checkpoint.Settings;

    private int _rotated;

    /// <exception cref="ModelFormatException">A scaling without code, or numbers that contradict each other.</exception>
    public RotaryTable Read()
    {
        _rotated = ReadRotated();
        float frequencyBase = Base(SettingKey.RotaryBase, DefaultBase);
        double[] plain = RotaryScaling.Plain(frequencyBase, _rotated);
        string scaling = _settings.FindString(SettingKey.RotaryScaling) ?? Unnamed();
        return scaling switch
        {
            "none" or "default" => new RotaryTable { Frequencies = DivideByTensor(plain) },
            "linear" => new RotaryTable { Frequencies = RotaryScaling.Divide(DivideByTensor(plain), _ => Positive(SettingKey.RotaryFactor)) },
            "llama3" => new RotaryTable { Frequencies = ReadLlama3(plain) },
            "yarn" => ReadYarn(frequencyBase),
            "longrope" or "su" => ReadLong(plain),
            _ => throw _settings.Error(SettingKey.RotaryScaling, $"is {scaling}; none, linear, llama3, yarn and longrope are supported"),
        };
    }

    /// <summary>The table of sliding layers: a base of its own, no scaling.</summary>
    public RotaryTable ReadLocal(float defaultBase) => _settings.FindString(SettingKey.LocalRotaryScaling) is null or "default" or "none"
        ? new RotaryTable { Frequencies = RotaryScaling.Plain(Base(SettingKey.LocalRotaryBase, defaultBase), ReadRotated()) }
        : throw _settings.Error(SettingKey.LocalRotaryScaling, "scales the sliding layers, which is not supported");

    /// <summary>The context with scaling: YaRN is often switched on by hand, without raising the length that the settings give.</summary>
    public int ReadContextLength() =>
        _settings.FindString(SettingKey.RotaryScaling) == "yarn" && _settings.FindSingle(SettingKey.RotaryFactor) is { } factor && _settings.FindSingle(SettingKey.RotaryOriginalContext) is { } original
            ? Math.Max(contextLength, (int)Math.Min(factor * original, 1 << 24))
            : contextLength;

    private int ReadRotated()
    {
        if (_settings.FindSingle(SettingKey.RotaryPart) is { } part)
        {
            return part is > 0 and <= 1 && (int)(headSize * part) % 2 == 0
                ? (int)(headSize * part)
                : throw _settings.Error(SettingKey.RotaryPart, $"is {part} for heads of {headSize}");
        }

        int rotated = _settings.FindInt32(SettingKey.RotaryDimensions) ?? headSize;
        return rotated > 0 && rotated <= headSize && rotated % 2 == 0
            ? rotated
            : throw _settings.Error(SettingKey.RotaryDimensions, $"is {rotated} for heads of {headSize}");
    }

    /// <summary>GGUF leaves the name out of linear scaling, and of longrope, which its factors tell.</summary>
    private string Unnamed()
    {
        if (_settings.FindSingle(SettingKey.RotaryFactor) is not null)
        {
            return _settings.Convention == TensorConvention.Gguf ? "linear" : throw _settings.Error(SettingKey.RotaryScaling, "is missing beside its factor");
        }

        return checkpoint.Has(LongFactors) ? "longrope" : "none";
    }

    private double[] ReadLlama3(double[] plain)
    {
        float low = Positive(SettingKey.RotaryLowFactor), high = Positive(SettingKey.RotaryHighFactor);
        return high > low
            ? RotaryScaling.Llama3(plain, Positive(SettingKey.RotaryFactor), low, high, Positive(SettingKey.RotaryOriginalContext))
            : throw _settings.Error(SettingKey.RotaryHighFactor, $"is {high}, not above the low one, {low}");
    }

    private RotaryTable ReadYarn(float frequencyBase)
    {
        float original = _settings.FindSingle(SettingKey.RotaryOriginalContext) ?? contextLength;
        float factor = _settings.FindSingle(SettingKey.RotaryFactor) is null ? contextLength / original : Positive(SettingKey.RotaryFactor);
        double magnitude = RotaryScaling.YarnMagnitude(factor, 1);
        if (_settings.FindSingle(SettingKey.RotaryMagnitude) is { } given)
        {
            // The GGUF key multiplies, config.json's replaces.
            magnitude = _settings.Convention == TensorConvention.Gguf ? magnitude * given : given;
        }
        else if (_settings.FindSingle(SettingKey.RotaryMagnitudeScale) is { } own and not 0 && _settings.FindSingle(SettingKey.RotaryMagnitudeScaleAll) is { } all and not 0)
        {
            magnitude = RotaryScaling.YarnMagnitude(factor, own) / RotaryScaling.YarnMagnitude(factor, all);
        }

        float fast = _settings.FindSingle(SettingKey.RotaryBetaFast) ?? 32, slow = _settings.FindSingle(SettingKey.RotaryBetaSlow) ?? 1;
        bool truncate = _settings.FindBoolean(SettingKey.RotaryTruncate) ?? true;
        return fast > slow && slow > 0
            ? new RotaryTable { Frequencies = RotaryScaling.Yarn(frequencyBase, _rotated, factor, original, fast, slow, truncate), Magnitude = (float)magnitude }
            : throw _settings.Error(SettingKey.RotaryBetaFast, $"is {fast}, not above the slow one, {slow}");
    }

    private RotaryTable ReadLong(double[] plain)
    {
        double[] Table(string key, string tensor)
        {
            float[] factors = FindFactors(tensor) ?? _settings.FindSingles(key) ?? throw _settings.Error(key, "is missing");
            return factors.Length == plain.Length && factors.All(factor => factor > 0)
                ? RotaryScaling.Divide(plain, pair => factors[pair])
                : throw _settings.Error(key, $"has {factors.Length} factors for {plain.Length} rotated pairs, or one that is not positive");
        }

        float original = Positive(SettingKey.RotaryOriginalContext);
        float? factor = _settings.FindSingle(SettingKey.RotaryFactor);
        return new RotaryTable
        {
            Frequencies = Table(SettingKey.RotaryShort, ShortFactors),
            LongFrequencies = Table(SettingKey.RotaryLong, LongFactors),
            OriginalContext = (int)original,
            Magnitude = _settings.FindSingle(SettingKey.RotaryMagnitude) ?? (float)RotaryScaling.LongMagnitude(factor ?? (contextLength / original), original),
        };
    }

    private double[] DivideByTensor(double[] plain)
    {
        if (FindFactors(Factors) is not { } factors)
        {
            return plain;
        }

        return factors.Length == plain.Length
            ? RotaryScaling.Divide(plain, pair => factors[pair])
            : throw new ModelFormatException(checkpoint.Path, Factors, $"has {factors.Length} factors for {plain.Length} rotated pairs");
    }

    private float[]? FindFactors(string name)
    {
        if (!checkpoint.Has(name))
        {
            return null;
        }

        IWeightMatrix tensor = checkpoint.Get(name);
        float[] factors = new float[tensor.Columns];
        tensor.Dequantize(0, factors);
        return factors;
    }

    private float Base(string key, float otherwise)
    {
        float value = _settings.FindSingle(key) ?? otherwise;
        return value > 1 ? value : throw _settings.Error(key, $"is {value}, not above 1");
    }

    private float Positive(string key) => (_settings.FindSingle(key) ?? throw _settings.Error(key, "is missing")) is > 0 and var value
        ? value
        : throw _settings.Error(key, "is not positive");
}
