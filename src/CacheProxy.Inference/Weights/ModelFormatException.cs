namespace CacheProxy.Inference.Weights;

/// <summary>A model file that is not what its header says, or that this engine cannot run; the message names the file and the field.</summary>
public sealed class ModelFormatException(string file, string field, string problem, Exception? inner = null)
    : IOException($"{file}: {field}: {problem}", inner)
{
    /// <summary>Path of the file as it was given.</summary>
    public string File { get; } = file;

    /// <summary>The header field, setting or tensor at fault.</summary>
    public string Field { get; } = field;
}
