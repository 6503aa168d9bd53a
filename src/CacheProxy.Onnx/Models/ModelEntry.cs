namespace CacheProxy.Onnx.Models;

/// <summary>One model of the manifest.</summary>
/// <param name="Name">Folder and display name.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Licence">Licence of the weights.</param>
/// <param name="Source">Where they come from.</param>
/// <param name="Files">All files that the role needs.</param>
public sealed record ModelEntry(string Name, ModelRole Role, string Licence, string Source, IReadOnlyList<ModelFile> Files);
