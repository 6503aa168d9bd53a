namespace CacheProxy.Onnx.Models;

/// <summary>One file of a model as the manifest has it.</summary>
/// <param name="File">Path relative to the manifest's folder, with forward slashes.</param>
/// <param name="Bytes">Exact size.</param>
/// <param name="Sha256">64 lower-case hex digits.</param>
public sealed record ModelFile(string File, long Bytes, string Sha256);
