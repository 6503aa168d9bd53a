namespace CacheProxy.Inference.Weights;

/// <summary>The canonical keys of <see cref="IModelSettings"/>.</summary>
internal static class SettingKey
{
    public const string
        Architecture = "architecture",
        Layers = "block_count",
        Width = "embedding_length",
        FeedForward = "feed_forward_length",
        ContextLength = "context_length",
        Heads = "attention.head_count",
        KeyValueHeads = "attention.head_count_kv",
        HeadSize = "attention.key_length",
        NormEpsilon = "attention.layer_norm_rms_epsilon",
        RotaryBase = "rope.freq_base",
        RotaryDimensions = "rope.dimension_count",
        RotaryScaling = "rope.scaling.type",
        RotaryFactor = "rope.scaling.factor";
}
