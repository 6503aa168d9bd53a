namespace CacheProxy.Inference.Tools;

/// <summary>A function that a model may call.</summary>
/// <param name="Parameters">JSON schema of its arguments; null: it takes none.</param>
public sealed record ToolFunction(string Name, string? Parameters);
