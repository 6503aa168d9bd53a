namespace CacheProxy.Inference.Families;

/// <summary>Phi 3, 3.5 and 4: fused projections; part of each head rotates, with tables by length in the long-context models.</summary>
internal static class Phi3
{
    public static ModelFamily Family { get; } = new("phi3", "Phi3ForCausalLM")
    {
        FusedProjections = true,
        IsSliding = (_, _) => true,
        Names = new Dictionary<string, string> { ["ffn_up"] = "mlp.gate_up_proj" },
    };
}
