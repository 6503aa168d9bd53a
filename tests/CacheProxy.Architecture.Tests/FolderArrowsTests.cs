namespace CacheProxy.Architecture.Tests;

/// <summary>
/// Inside the proxy a folder is a stage of the request, and the order of the request is the order of dependency.
/// A stage uses the exchange, itself and earlier stages; only the pipeline sees all.
/// </summary>
public class FolderArrowsTests
{
    private const string Project = "src/CacheProxy";

    private static readonly string[] Stages =
        ["Exchange", "Entry", "Fingerprint", "ExactCache", "Budget", "Flight", "SemanticCache", "PrefixTag", "Record", "Embeddings", "Forward"];

    private static readonly string[] Beside = ["Stores", "Ledger", "Tenancy", "Invalidation", "Admin", "Cli", "Dashboard", "Tuning", "Observability", "Storage"];

    // What every stage may use and what itself uses no stage but the exchange.
    private static readonly string[] Ground = ["Observability", "Tenancy", "Storage", "Ledger"];

    // Calls to models are guarded like calls to stores; the guard lies beside the decorators that put it around the stores.
    private const string Guard = "Stores.Resilience";

    private static readonly IReadOnlyList<SourceFile> Files = SourceFile.Under(Project);

    private static readonly ILookup<string, string> TypesByFolder =
        Files.SelectMany(f => f.TypeNames.Select(t => (Folder: Top(f), Type: t))).ToLookup(x => x.Folder, x => x.Type);

    [Fact]
    public void Folders_OfTheProxy_AreKnown()
        => Findings.AssertNone(Files.Select(Top).Distinct().Except(["", "Pipeline", .. Stages, .. Beside]));

    [Fact]
    public void Namespaces_OfTheProxy_FollowTheFolders()
        => Findings.AssertNone(
            from file in Files
            let expected = ("CacheProxy." + file.FolderIn(Project)).TrimEnd('.')
            from actual in file.Namespaces
            where actual != expected
            select $"{file.Path}: {actual}");

    [Fact]
    public void Stages_Use_EarlierStagesOnly()
        => Findings.AssertNone(
            from file in Files
            let own = Array.IndexOf(Stages, Top(file))
            where own >= 0
            from used in FoldersUsedBy(file)
            let rank = Array.IndexOf(Stages, Segment(used))
            where rank > own || (rank < 0 && used != Guard && !IsGround(used))
            select $"{file.Path} uses {used}");

    [Fact]
    public void Ground_Uses_TheExchangeOnly()
        => Findings.AssertNone(
            from file in Files
            where IsGround(file.FolderIn(Project))
            from used in FoldersUsedBy(file)
            where used != "Exchange" && !used.StartsWith("Exchange.", StringComparison.Ordinal) && !IsGround(used)
            select $"{file.Path} uses {used}");

    [Fact]
    public void Pipeline_IsUsed_ByTheProgramOnly()
        => Findings.AssertNone(
            from file in Files
            where Top(file) is not ("" or "Pipeline") && FoldersUsedBy(file).Any(used => Segment(used) == "Pipeline")
            select file.Path);

    [Fact]
    public void Arrows_OverTheSources_FindSomething()
        => Assert.Contains("Exchange", Files.Where(file => Top(file) != "Exchange").SelectMany(FoldersUsedBy));

    private static string Segment(string folder) => folder.Split('.')[0];

    private static string Top(SourceFile file) => Segment(file.FolderIn(Project));

    private static bool IsGround(string folder)
        => Ground.Any(ground => folder == ground || folder.StartsWith(ground + ".", StringComparison.Ordinal));

    /// <summary>Dotted folders that the file's names lead to, its own top folder left out; both <c>CacheProxy.Flight.X</c> and the short <c>Flight.X</c>.</summary>
    private static IEnumerable<string> FoldersUsedBy(SourceFile file)
    {
        string[] known = ["Pipeline", .. Stages, .. Beside];
        foreach (string name in file.DottedNames)
        {
            string[] parts = name.Split('.');
            bool full = parts[0] == "CacheProxy" && parts.Length > 1;
            string top = full ? parts[1] : parts[0];
            if (!known.Contains(top) || top == Top(file) || (!full && (parts.Length < 2 || !TypesByFolder[top].Contains(parts[1]))))
            {
                continue;
            }

            string[] folders = full ? parts[1..] : parts[..^1];
            yield return string.Join('.', folders.TakeWhile(part => !TypesByFolder[top].Contains(part)));
        }
    }
}
