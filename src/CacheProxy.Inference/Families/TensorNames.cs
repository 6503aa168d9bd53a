namespace CacheProxy.Inference.Families;

/// <summary>Tensors of safetensors checkpoints under their canonical names, which are GGUF's.</summary>
internal static class TensorNames
{
    private static readonly Dictionary<string, string> OfModel = new()
    {
        ["token_embd"] = "model.embed_tokens",
        ["output_norm"] = "model.norm",
        ["output"] = "lm_head",
    };

    private static readonly Dictionary<string, string> OfLayer = new()
    {
        ["attn_norm"] = "input_layernorm",
        ["attn_q"] = "self_attn.q_proj",
        ["attn_k"] = "self_attn.k_proj",
        ["attn_v"] = "self_attn.v_proj",
        ["attn_qkv"] = "self_attn.qkv_proj",
        ["attn_output"] = "self_attn.o_proj",
        ["attn_q_norm"] = "self_attn.q_norm",
        ["attn_k_norm"] = "self_attn.k_norm",
        ["post_attention_norm"] = "post_attention_layernorm",
        ["ffn_norm"] = "post_attention_layernorm",
        ["ffn_gate"] = "mlp.gate_proj",
        ["ffn_up"] = "mlp.up_proj",
        ["ffn_down"] = "mlp.down_proj",
        ["post_ffw_norm"] = "post_feedforward_layernorm",
    };

    /// <param name="family">Whose names differ in places.</param>
    /// <param name="canonical">Such as <c>blk.0.attn_q.weight</c>.</param>
    /// <returns>Such as <c>model.layers.0.self_attn.q_proj.weight</c>; null: such checkpoints have no tensor of that kind.</returns>
    public static string? InSafetensors(ModelFamily family, string canonical)
    {
        string[] parts = canonical.Split('.');
        return parts switch
        {
            [var stem, var ending] when OfModel.TryGetValue(stem, out string? name) => $"{name}.{ending}",
            ["blk", var layer, var stem, var ending] when family.Names.TryGetValue(stem, out string? name) || OfLayer.TryGetValue(stem, out name) =>
                $"model.layers.{layer}.{name}.{ending}",
            _ => null,
        };
    }
}
