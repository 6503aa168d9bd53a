using CacheProxy.Inference.Families;

namespace CacheProxy.Inference.Tests.Families;

public sealed class TensorNamesTests
{
    [Theory]
    [InlineData("token_embd.weight", "model.embed_tokens.weight")]
    [InlineData("output_norm.weight", "model.norm.weight")]
    [InlineData("output.weight", "lm_head.weight")]
    [InlineData("blk.0.attn_q.bias", "model.layers.0.self_attn.q_proj.bias")]
    [InlineData("blk.17.attn_output.weight", "model.layers.17.self_attn.o_proj.weight")]
    [InlineData("blk.3.ffn_norm.weight", "model.layers.3.post_attention_layernorm.weight")]
    [InlineData("blk.3.ffn_up.weight", "model.layers.3.mlp.up_proj.weight")]
    [InlineData("rope_freqs.weight", null)]
    [InlineData("blk.0.ffn_gate_inp.weight", null)]
    [InlineData("weight", null)]
    public void InSafetensors_LlamaTensor_HasItsName(string canonical, string? expected) =>
        Assert.Equal(expected, TensorNames.InSafetensors(Llama.Family, canonical));

    [Fact]
    public void InSafetensors_Gemma_TellsTheNormsAroundApart()
    {
        string? Name(string canonical) => TensorNames.InSafetensors(Gemma2.Family, canonical);
        Assert.Equal("model.layers.1.post_attention_layernorm.weight", Name("blk.1.post_attention_norm.weight"));
        Assert.Equal("model.layers.1.pre_feedforward_layernorm.weight", Name("blk.1.ffn_norm.weight"));
        Assert.Equal("model.layers.1.post_feedforward_layernorm.weight", Name("blk.1.post_ffw_norm.weight"));
    }

    [Fact]
    public void InSafetensors_Phi3_KnowsTheFusedGate() =>
        Assert.Equal("model.layers.0.mlp.gate_up_proj.weight", TensorNames.InSafetensors(Phi3.Family, "blk.0.ffn_up.weight"));
}
