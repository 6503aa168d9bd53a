using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Families;

/// <summary>
/// Where <c>config.json</c> keeps what a canonical key means: the first of the paths that is there and not null. Published checkpoints have
/// <c>rope_theta</c> and <c>rope_scaling</c>; transformers 5 writes <c>rope_parameters</c>, one set for each kind of layer where they differ.
/// </summary>
internal static class HuggingFaceKeys
{
    private static readonly Dictionary<string, string[]> Paths = new()
    {
        [SettingKey.Architecture] = ["architectures"],
        [SettingKey.Layers] = ["num_hidden_layers"],
        [SettingKey.Width] = ["hidden_size"],
        [SettingKey.FeedForward] = ["intermediate_size"],
        [SettingKey.Vocabulary] = ["vocab_size"],
        [SettingKey.ContextLength] = ["max_position_embeddings"],
        [SettingKey.NormEpsilon] = ["rms_norm_eps"],
        [SettingKey.HiddenAct] = ["hidden_activation", "hidden_act"],
        [SettingKey.Tied] = ["tie_word_embeddings"],
        [SettingKey.Experts] = ["num_local_experts", "num_experts"],
        [SettingKey.Heads] = ["num_attention_heads"],
        [SettingKey.KeyValueHeads] = ["num_key_value_heads"],
        [SettingKey.HeadSize] = ["head_dim"],
        [SettingKey.ValueSize] = ["v_head_dim"],
        [SettingKey.AttentionScale] = ["attention_multiplier"],
        [SettingKey.QueryScalar] = ["query_pre_attn_scalar"],
        [SettingKey.AttentionBias] = ["attention_bias"],
        [SettingKey.FeedForwardBias] = ["mlp_bias"],
        [SettingKey.Bidirectional] = ["use_bidirectional_attention"],
        [SettingKey.SoftCap] = ["attn_logit_softcapping"],
        [SettingKey.Window] = ["sliding_window"],
        [SettingKey.UseWindow] = ["use_sliding_window"],
        [SettingKey.FirstWindowLayer] = ["max_window_layers"],
        [SettingKey.WindowPattern] = ["sliding_window_pattern", "_sliding_window_pattern"],
        [SettingKey.LayerTypes] = ["layer_types"],
        [SettingKey.EmbeddingScale] = ["embedding_multiplier"],
        [SettingKey.ResidualScale] = ["residual_multiplier"],
        [SettingKey.LogitScale] = ["logits_scaling"],
        [SettingKey.LogitCap] = ["final_logit_softcapping"],
        [SettingKey.RotaryBase] = ["rope_theta", "rope_parameters.full_attention.rope_theta", "rope_parameters.rope_theta"],
        [SettingKey.RotaryPart] = ["partial_rotary_factor", "rope_parameters.full_attention.partial_rotary_factor", "rope_parameters.partial_rotary_factor"],
        [SettingKey.RotaryScaling] = [.. Scaling("rope_type"), .. Scaling("type")],
        [SettingKey.RotaryFactor] = Scaling("factor"),
        [SettingKey.RotaryOriginalContext] = [.. Scaling("original_max_position_embeddings"), "original_max_position_embeddings"],
        [SettingKey.RotaryMagnitude] = Scaling("attention_factor"),
        [SettingKey.RotaryBetaFast] = Scaling("beta_fast"),
        [SettingKey.RotaryBetaSlow] = Scaling("beta_slow"),
        [SettingKey.RotaryTruncate] = Scaling("truncate"),
        [SettingKey.RotaryMagnitudeScale] = Scaling("mscale"),
        [SettingKey.RotaryMagnitudeScaleAll] = Scaling("mscale_all_dim"),
        [SettingKey.RotaryLowFactor] = Scaling("low_freq_factor"),
        [SettingKey.RotaryHighFactor] = Scaling("high_freq_factor"),
        [SettingKey.RotaryShort] = Scaling("short_factor"),
        [SettingKey.RotaryLong] = Scaling("long_factor"),
        [SettingKey.LocalRotaryBase] = ["rope_local_base_freq", "rope_parameters.sliding_attention.rope_theta"],
        [SettingKey.LocalRotaryScaling] = ["rope_parameters.sliding_attention.rope_type"],
        [SettingKey.RotatedLayers] = ["no_rope_layers"],
        [SettingKey.UnrotatedInterval] = ["no_rope_layer_interval"],
    };

    /// <returns>Paths with dots between the names of nested objects; empty where such files have no key of that meaning.</returns>
    public static IReadOnlyList<string> Of(string canonical) => Paths.GetValueOrDefault(canonical, []);

    private static string[] Scaling(string name) => [$"rope_scaling.{name}", $"rope_parameters.full_attention.{name}", $"rope_parameters.{name}"];
}
