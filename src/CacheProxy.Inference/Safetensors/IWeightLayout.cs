using CacheProxy.Inference.Weights;

namespace CacheProxy.Inference.Safetensors;

/// <summary>How a checkpoint stores the weights of a module; which modules are stored so, the tensors present say.</summary>
internal interface IWeightLayout
{
    /// <param name="name">Canonical name, for the matrix.</param>
    /// <param name="folder">The tensors.</param>
    /// <param name="module">For example <c>model.layers.0.self_attn.q_proj</c>.</param>
    /// <returns>Null where the module is not quantised.</returns>
    /// <exception cref="ModelFormatException">One of its tensors is missing, or of the wrong shape or type.</exception>
    IWeightMatrix? Find(string name, SafetensorsFolder folder, string module);
}
