namespace CacheProxy.Inference.Graph;

/// <summary>A constant of the graph whose bytes are handed to the session beside the model, so that they are not copied into it.</summary>
/// <param name="Data">Row-major values; must live as long as the session.</param>
internal sealed record OnnxInitializer(string Name, OnnxType Type, long[] Shape, NativeBuffer Data);
