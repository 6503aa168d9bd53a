namespace CacheProxy.Inference.Weights;

/// <summary>The canonical keys of <see cref="IModelSettings"/>: GGUF's where it has one.</summary>
internal static class SettingKey
{
    public const string
        Architecture = "architecture",
        Layers = "block_count",
        Width = "embedding_length",
        FeedForward = "feed_forward_length",
        Vocabulary = "vocab_size",
        ContextLength = "context_length",
        NormEpsilon = "attention.layer_norm_rms_epsilon",
        HiddenAct = "hidden_act",
        Tied = "tie_word_embeddings",
        Experts = "expert_count";

    public const string
        Heads = "attention.head_count",
        KeyValueHeads = "attention.head_count_kv",
        HeadSize = "attention.key_length",
        ValueSize = "attention.value_length",
        AttentionScale = "attention.scale",
        QueryScalar = "attention.query_scalar",
        AttentionBias = "attention.bias",
        FeedForwardBias = "feed_forward.bias",
        Bidirectional = "attention.bidirectional",
        SoftCap = "attn_logit_softcapping",
        Window = "attention.sliding_window",
        UseWindow = "attention.use_sliding_window",
        FirstWindowLayer = "attention.max_window_layers",
        WindowPattern = "attention.sliding_window_pattern",
        LayerTypes = "attention.layer_types";

    public const string
        EmbeddingScale = "embedding_scale",
        ResidualScale = "residual_scale",
        LogitScale = "logit_scale",
        LogitCap = "final_logit_softcapping";

    public const string
        RotaryBase = "rope.freq_base",
        RotaryDimensions = "rope.dimension_count",
        RotaryPart = "rope.partial_factor",
        RotaryScaling = "rope.scaling.type",
        RotaryFactor = "rope.scaling.factor",
        RotaryOriginalContext = "rope.scaling.original_context_length",
        RotaryMagnitude = "rope.scaling.attn_factor",
        RotaryBetaFast = "rope.scaling.yarn_beta_fast",
        RotaryBetaSlow = "rope.scaling.yarn_beta_slow",
        RotaryTruncate = "rope.scaling.truncate",
        RotaryMagnitudeScale = "rope.scaling.mscale",
        RotaryMagnitudeScaleAll = "rope.scaling.mscale_all_dim",
        RotaryLowFactor = "rope.scaling.low_freq_factor",
        RotaryHighFactor = "rope.scaling.high_freq_factor",
        RotaryShort = "rope.scaling.short_factor",
        RotaryLong = "rope.scaling.long_factor",
        LocalRotaryBase = "rope.local.freq_base",
        LocalRotaryScaling = "rope.local.scaling.type",
        RotatedLayers = "rope.layers",
        UnrotatedInterval = "rope.no_rope_interval";
}
