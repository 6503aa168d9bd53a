namespace CacheProxy.Inference.Tools;

/// <summary>A function that a model may call.</summary>
/// <param name="Parameters">JSON schema of its arguments; null: it takes none.</param>
/// <param name="Index">Its place among the tools of the request, for errors; null: that in the list given.</param>
public sealed record ToolFunction(string Name, string? Parameters, int? Index = null);
