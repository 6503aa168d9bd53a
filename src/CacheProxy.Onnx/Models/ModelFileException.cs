namespace CacheProxy.Onnx.Models;

/// <summary>A bundled model is missing, damaged or described wrongly; the message names the file and what was expected. Stops the start.</summary>
public sealed class ModelFileException(string message, Exception? inner = null) : Exception(message, inner);
