namespace CacheProxy.Inference.Weights;

/// <summary>A model's weights and settings, whatever the files: one GGUF file, or a folder of safetensors.</summary>
public interface ICheckpoint : IDisposable
{
    /// <summary>The file or folder.</summary>
    string Path { get; }

    /// <summary>Sizes and constants beside the weights.</summary>
    IModelSettings Settings { get; }

    /// <summary>Whether there is a tensor of that canonical name.</summary>
    bool Has(string name);

    /// <summary>A tensor by its canonical name: GGUF's, such as <c>blk.0.attn_q.weight</c>, <c>token_embd.weight</c> or <c>output_norm.weight</c>.</summary>
    /// <exception cref="ModelFormatException">It is missing, or of a format without code.</exception>
    IWeightMatrix Get(string name);

    /// <summary>Gives back memory of what has been read so far; it is read anew when needed. Not while another thread reads.</summary>
    void ReleasePages();
}
