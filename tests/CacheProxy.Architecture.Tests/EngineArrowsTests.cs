namespace CacheProxy.Architecture.Tests;

/// <summary>Inside the engine a folder is a role, and uses only those named before it: from the model's files to the public face.</summary>
public class EngineArrowsTests
{
    private const string Project = "src/CacheProxy.Inference";

    private static readonly string[] Roles =
    [
        "Weights", "Gguf", "Graph", "Families", "Safetensors", "Tokenizers", "Execution", "Prefix", "Tiers", "Generation", "Text", "Sampling",
        "Constraints", "Tools", "Templates", "Speculation", "Scheduling", "Engine",
    ];

    private static readonly IReadOnlyList<SourceFile> Files = SourceFile.Under(Project);

    [Fact]
    public void Folders_OfTheEngine_AreKnown() => Findings.AssertNone(Files.Select(Top).Distinct().Except(Roles));

    [Fact]
    public void Roles_Use_EarlierRolesOnly()
        => Findings.AssertNone(
            from file in Files
            from used in RolesUsedBy(file)
            where Array.IndexOf(Roles, used) > Array.IndexOf(Roles, Top(file))
            select $"{file.Path} uses {used}");

    [Fact]
    public void Arrows_OverTheEngine_FindSomething()
        => Assert.Contains("Prefix", Files.Where(file => Top(file) == "Scheduling").SelectMany(RolesUsedBy));

    private static string Top(SourceFile file) => file.FolderIn(Project).Split('.')[0];

    private static IEnumerable<string> RolesUsedBy(SourceFile file)
        => file.DottedNames.Select(name => name.Split('.')).Where(parts => parts is ["CacheProxy", "Inference", ..]).Select(parts => parts.ElementAtOrDefault(2)).OfType<string>().Intersect(Roles);
}
