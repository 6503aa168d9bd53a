using CacheProxy.Inference.Graph;
using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Families;

/// <summary>From a checkpoint's settings and its family to what graph and attention need. Refuses what they cannot do.</summary>
internal sealed class DecoderConfigReader
{
    /// <summary>Floats of the vectors that operators step by.</summary>
    private const int Lanes = 16, MaxHeadSize = 512;

    /// <summary>Far beyond any model: what lies above is a damaged file, and would take its time to be found out.</summary>
    private const int MaxSize = 1 << 24, MaxHeads = 1 << 12, MaxLayers = 1 << 12;

    private readonly ICheckpoint _checkpoint;
    private readonly IModelSettings _settings;
    private readonly ModelFamily _family;

    private DecoderConfigReader(ICheckpoint checkpoint)
    {
        (_checkpoint, _settings) = (checkpoint, checkpoint.Settings);
        _family = ModelFamilies.Find(_settings);
    }

    /// <exception cref="ModelFormatException">An unknown architecture, a setting without code, or sizes that contradict each other.</exception>
    public static DecoderConfig Read(ICheckpoint checkpoint) => new DecoderConfigReader(checkpoint).Read();

    private DecoderConfig Read()
    {
        Refuse();
        int width = Multiple(SettingKey.Width), contextLength = Positive(SettingKey.ContextLength);
        AttentionShape shape = ReadShape(width);
        var rotary = new RotaryReader(_checkpoint, shape.HeadSize, contextLength);
        bool local = _family.LocalRotaryBase is not null;
        return new DecoderConfig
        {
            Width = width,
            FeedForward = Multiple(SettingKey.FeedForward),
            Vocabulary = ReadVocabulary(),
            ContextLength = rotary.ReadContextLength(),
            NormEpsilon = NotNegative(SettingKey.NormEpsilon) ?? throw _settings.Error(SettingKey.NormEpsilon, "is missing"),
            Attention = [.. Enumerable.Range(0, Positive(SettingKey.Layers, most: MaxLayers)).Select(layer => OfLayer(shape, layer, local))],
            Rotations = local ? [rotary.Read(), rotary.ReadLocal(_family.LocalRotaryBase!.Value)] : [rotary.Read()],
            Norms = _family.Norms,
            NormShift = _family.ShiftedNorms && _settings.Convention == TensorConvention.HuggingFace ? 1 : 0,
            Gate = _family.Gate,
            Biased = _settings.FindBoolean(SettingKey.AttentionBias) ?? (_family.Biased || _checkpoint.Has("blk.0.attn_q.bias")),
            FusedProjections = _family.FusedProjections,
            Tied = _settings.FindBoolean(SettingKey.Tied) ?? !_checkpoint.Has("output.weight"),
            EmbeddingScale = (NotNegative(SettingKey.EmbeddingScale) ?? 1) * (_family.ScaledEmbedding ? MathF.Sqrt(width) : 1),
            ResidualScale = NotNegative(SettingKey.ResidualScale) ?? 1,
            LogitScale = _settings.FindSingle(SettingKey.LogitScale) is null ? 1 : 1 / PositiveSingle(SettingKey.LogitScale),
            LogitCap = NotNegative(SettingKey.LogitCap) ?? 0,
        };
    }

    private void Refuse()
    {
        if (_settings.FindInt32(SettingKey.Experts) is > 0 and var experts)
        {
            throw _settings.Error(SettingKey.Experts, $"is {experts}; mixtures of experts are not supported");
        }

        foreach (string key in (string[])[SettingKey.FeedForwardBias, SettingKey.Bidirectional])
        {
            if (_settings.FindBoolean(key) == true)
            {
                throw _settings.Error(key, "is true, which is not supported");
            }
        }

        string[] names = _family.Gate == GateFunction.Silu ? ["silu", "swish"] : ["gelu_pytorch_tanh", "gelu_new"];
        if (_settings.FindString(SettingKey.HiddenAct) is { } activation && !names.Contains(activation))
        {
            throw _settings.Error(SettingKey.HiddenAct, $"is {activation}; {names[0]} is supported for {_settings.Architecture}");
        }
    }

    private AttentionShape ReadShape(int width)
    {
        int heads = Positive(SettingKey.Heads, most: MaxHeads), keyValueHeads = Positive(SettingKey.KeyValueHeads, heads);
        int headSize = Positive(SettingKey.HeadSize, width / heads), valueSize = Positive(SettingKey.ValueSize, headSize);
        if (heads % keyValueHeads != 0)
        {
            throw _settings.Error(SettingKey.KeyValueHeads, $"is {keyValueHeads}, which does not divide the {heads} query heads");
        }

        if (headSize % Lanes != 0 || headSize > MaxHeadSize)
        {
            throw _settings.Error(SettingKey.HeadSize, $"gives heads of {headSize}; multiples of {Lanes} up to {MaxHeadSize} are supported");
        }

        if (valueSize != headSize)
        {
            throw _settings.Error(SettingKey.ValueSize, $"is {valueSize}; values as long as keys, {headSize}, are supported");
        }

        float scalar = _settings.FindSingle(SettingKey.QueryScalar) is null ? _family.QueryScalar(_settings) ?? headSize : PositiveSingle(SettingKey.QueryScalar);
        float scale = _settings.FindSingle(SettingKey.AttentionScale) is null ? 1 / MathF.Sqrt(scalar) : PositiveSingle(SettingKey.AttentionScale);
        RotaryLayout layout = _settings.Convention == TensorConvention.Gguf ? _family.GgufLayout : RotaryLayout.Halves;
        return new AttentionShape(heads, keyValueHeads, headSize, scale, NotNegative(SettingKey.SoftCap) ?? 0, 0, 0, layout, _family.HeadNorm);
    }

    private AttentionShape OfLayer(AttentionShape shape, int layer, bool local)
    {
        int window = _settings.FindBoolean(SettingKey.UseWindow) == false ? 0 : _settings.FindInt32(SettingKey.Window) ?? _family.DefaultWindow ?? 0;
        if (window < 0)
        {
            throw _settings.Error(SettingKey.Window, $"is {window}");
        }

        bool sliding = IsSliding(layer, window);
        int rotation = !_family.IsRotated(_settings, layer) ? -1 : sliding && local ? 1 : 0;
        return shape with { Window = sliding ? window : 0, Rotation = rotation };
    }

    private bool IsSliding(int layer, int window)
    {
        if (_settings.FindStrings(SettingKey.LayerTypes) is not { } types)
        {
            return window > 0 && _family.IsSliding(_settings, layer);
        }

        return (layer < types.Length ? types[layer] : "") switch
        {
            "full_attention" => false,
            "sliding_attention" when window > 0 => true,
            "sliding_attention" => throw _settings.Error(SettingKey.LayerTypes, $"makes layer {layer} sliding, but there is no window"),
            var other => throw _settings.Error(SettingKey.LayerTypes, $"says '{other}' for layer {layer}; full_attention and sliding_attention are supported"),
        };
    }

    private int ReadVocabulary()
    {
        int rows = _checkpoint.Get("token_embd.weight").Rows;
        return (_settings.FindInt32(SettingKey.Vocabulary) ?? rows) == rows
            ? rows
            : throw _settings.Error(SettingKey.Vocabulary, $"is not the {rows} rows of token_embd.weight");
    }

    private int Positive(string key, int? otherwise = null, int most = MaxSize)
    {
        int value = _settings.FindInt32(key) ?? otherwise ?? throw _settings.Error(key, "is missing");
        return value > 0 && value <= most ? value : throw _settings.Error(key, $"is {value}; 1 to {most} are supported");
    }

    private int Multiple(string key)
    {
        int value = Positive(key);
        return value % Lanes == 0 ? value : throw _settings.Error(key, $"is {value}; multiples of {Lanes} are supported");
    }

    private float PositiveSingle(string key) => NotNegative(key) is > 0 and var value ? value : throw _settings.Error(key, "is not a positive number");

    private float? NotNegative(string key) => _settings.FindSingle(key) switch
    {
        null => null,
        >= 0 and < float.PositiveInfinity and var value => value,
        var value => throw _settings.Error(key, $"is {value}"),
    };
}
