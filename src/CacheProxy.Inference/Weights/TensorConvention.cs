namespace CacheProxy.Inference.Weights;

/// <summary>Whose way of storing a model the tensors follow; the same model's numbers differ between them.</summary>
public enum TensorConvention
{
    /// <summary>Rotated floats lie as the architecture's own code there wants them; norm weights are what is multiplied with.</summary>
    Gguf,

    /// <summary>Rotated floats lie in halves; Gemma's norm weights lack their 1.</summary>
    HuggingFace,
}
