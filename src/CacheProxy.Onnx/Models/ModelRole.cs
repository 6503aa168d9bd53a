namespace CacheProxy.Onnx.Models;

/// <summary>What a bundled model is for; written in lower case in <c>models.json</c>.</summary>
public enum ModelRole
{
    /// <summary>Generates text.</summary>
    Chat,

    /// <summary>Turns a text into a vector.</summary>
    Embedder,

    /// <summary>Turns a text into a vector by looking its word pieces up: microseconds, to rule out what is unlike.</summary>
    Static,

    /// <summary>Says whether one answer serves two prompts.</summary>
    Verifier,
}
