namespace CacheProxy.Inference.Server.Models;

/// <summary>The model's template cannot express the messages.</summary>
public sealed class PromptException(string message, Exception? inner = null) : Exception(message, inner);
