using System.Globalization;
using System.Text.Json.Nodes;

[assembly: AssemblyFixture(typeof(CacheProxy.EndToEnd.Tests.Dashboard.DashboardBrowser))]

namespace CacheProxy.EndToEnd.Tests.Dashboard;

/// <summary>The dashboard in a browser, every page and every control, over traffic whose figures are known.</summary>
public sealed class DashboardTests(DashboardBrowser browser, ITestOutputHelper output)
{
    private const int Milliseconds = 300;

    // The bound on a machine that does other things meanwhile; on a quiet one the figure that is printed is the claim.
    private const int BusyFactor = 8;
    private const int KilobytesLimit = 250;

    // The page, script, style, icon; who is signed in, sums, series, and what can be filtered by.
    private const int MostRequests = 10;

    [Fact]
    public async Task Traffic_OfTheTest_HasEveryOutcome()
    {
        string[] statuses = [.. (await browser.RunAsync("traffic")).AsArray().Select(answer => (string?)answer!["cacheStatus"] ?? "")];
        Assert.All((string[])["hit; detail=exact", "hit; detail=semantic", "fwd=miss", "collapsed", "fwd=bypass"], outcome => Assert.Contains(statuses, status => status.Contains(outcome, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task FirstLoad_OfTheOverview_IsLightAndFast()
    {
        JsonNode load = await browser.RunAsync("firstLoad");
        output.WriteLine($"first figures after {(double)load["median"]!:F0} ms, an empty page after {(double)load["empty"]!:F0} ms (medians of 5); {(double)load["bytes"]! / 1024:F0} KiB in {load["requests"]} requests, again {(double)load["again"]! / 1024:F1} KiB; {load["calls"]!.ToJsonString()}");
        Assert.InRange((double)load["bytes"]!, 10_000, KilobytesLimit * 1000);
        Assert.InRange((int)load["requests"]!, 5, MostRequests);
        Assert.InRange((double)load["again"]!, 100, (double)load["bytes"]! / 3);
        Assert.InRange((double)load["median"]!, 1, Milliseconds * BusyFactor);
    }

    [Fact]
    public async Task SignIn_WithWrongAndRightKey_LeadsToThePageThatWasAskedFor()
    {
        JsonNode result = await browser.RunAsync("signIn");
        Assert.Contains("key", (string)result["refused"]!, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, (int)result["figuresBefore"]!);
        Assert.Equal("Administrator", (string?)result["signedIn"]!["role"]);
        Assert.Equal("/dashboard/prompts?range=7d", (string?)result["signedIn"]!["address"]);
        Assert.Equal("Prompts · CacheProxy", (string?)result["signedIn"]!["title"]);
        Assert.Equal("Administrator", (string?)result["reloaded"]);
        Assert.Equal("""[{"httpOnly":true,"sameSite":"Strict","path":"/dashboard"}]""", result["cookie"]!.ToJsonString());
        Assert.Equal(401, (int)result["signedOut"]!);
    }

    [Fact]
    public async Task Session_ThatEnded_AsksForTheKeyAgain() => Assert.True((bool)await browser.RunAsync("expiredSession"));

    [Fact]
    public async Task Reader_OnAnyPage_SeesNoTextAndNoWrite()
    {
        JsonNode result = await browser.RunAsync("reader");
        Assert.Equal("Read-only", (string?)result["opened"]!["role"]);
        Assert.Equal(0, (int)result["opened"]!["writes"]!);
        Assert.Equal(0, (int)result["applies"]!);
        Assert.Equal(403, (int)result["refused"]!);
        Assert.True((bool)result["still"]!);
        Assert.All((string[])["Tokyo", "capital of Japan"], text => Assert.DoesNotContain(text, $"{result["opened"]!["text"]}{result["prompts"]}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Overview_Figures_AreTheApis()
    {
        JsonNode result = await browser.RunAsync("overview");
        JsonNode totals = result["api"]!["totals"]!;
        Assert.Equal(Money(totals, "net_nanodollars"), Tile(result, "Saved, net of overhead"));
        Assert.Equal(Money(totals, "paid_nanodollars"), Tile(result, "Spent"));
        Assert.Equal((double)totals["hit_rate"]!, double.Parse(Tile(result, "Hit rate")!, CultureInfo.InvariantCulture), 1e-9);
        Assert.Equal((double)totals["seconds_saved"]!, double.Parse(Tile(result, "Time saved")!, CultureInfo.InvariantCulture), 1e-6);
        Assert.Contains(result["notice"]!.AsArray(), notice => ((string)notice!).Contains($"The price of {totals["unknown_price_requests"]} of {totals["requests"]} requests is unknown", StringComparison.Ordinal));
        JsonNode semantic = result["api"]!["semantic"]!;
        Assert.Equal((3, 0), ((int)semantic["audited"]!, (int)semantic["wrong"]!));
        Assert.Equal("0.0 %", (string?)result["tiles"]!["Wrong semantic hits"]!["text"]);
        Assert.Contains($"95 % interval 0.0 % to {100 * (double)semantic["wrong_of_served_high"]!:F1} %: 0 of 3 audited", (string?)result["tiles"]!["Wrong semantic hits"]!["note"], StringComparison.Ordinal);
        Assert.Equal(4, result["charts"]!.AsArray().Count);
        Assert.All(result["charts"]!.AsArray(), chart => Assert.True((bool)chart!["drawn"]!, chart.ToJsonString()));
        AssertTierTable(result, totals);
    }

    [Fact]
    public async Task Prompts_Table_IsTheApisAndOpensTheEntry()
    {
        JsonNode result = await browser.RunAsync("prompts");
        JsonNode[] groups = [.. result["api"]!["groups"]!.AsArray().Where(group => ((string)group!["key"]!).Length > 0).Select(group => group!)];

        // Prompts that saved the same come in any order.
        Assert.Equal(
            groups.Select(group => Money(group["figures"]!, "saved_nanodollars") ?? "–\nunknown").Order(StringComparer.Ordinal),
            result["rows"]!.AsArray().Select(row => (string)row![5]!).Order(StringComparer.Ordinal));
        Assert.Contains("What is the capital of Japan?", result["rows"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("Answer", (string)result["opened"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prefixes_Tokens_AreTheApis()
    {
        JsonNode result = await browser.RunAsync("prefixes");
        Assert.Equal(result["api"]!["totals"]!["cached_tokens"]!.ToString(), Tile(result, "Delivered from prefix caches"));
        Assert.Equal(result["api"]!["totals"]!["predicted_tokens"]!.ToString(), Tile(result, "Predicted"));
        Assert.Equal(result["api"]!["upstreams"]!.AsArray().Count, result["upstreams"]!.AsArray().Count);
        Assert.NotEmpty(result["top"]!.AsArray());
    }

    [Fact]
    public async Task Models_WithAHostileName_AreTextAndTheApis()
    {
        JsonNode result = await browser.RunAsync("tenants");
        Assert.Equal(
            result["api"]!["groups"]!.AsArray().Select(group => group!["figures"]!["requests"]!.ToString()),
            result["models"]!.AsArray().Select(row => ((string)row![1]!).Replace(",", "", StringComparison.Ordinal)));
        Assert.True((bool)result["hostile"]!["shown"]!);
        Assert.Equal(0, (int)result["hostile"]!["images"]!);
        Assert.Equal("Tenants & models · CacheProxy", (string?)result["title"]);
    }

    [Fact]
    public async Task Budgets_OfATenant_AreTheApis()
    {
        JsonNode result = await browser.RunAsync("tenants");
        JsonNode limit = Assert.Single(result["limits"]!["budgets"]!.AsArray())!;
        JsonNode row = Assert.Single(result["budgets"]!.AsArray())!;
        Assert.Equal("search-day", (string?)row[0]);
        Assert.Equal("search", (string?)row[1]);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{(double)limit["used"]!} of {(double)limit["soft"]!} requests"), (string?)row[4], StringComparison.Ordinal);
        Assert.Contains(result["tenants"]!.AsArray(), tenant => (string?)tenant![0] == "search");
    }

    [Fact]
    public async Task Answers_WithMarkup_AreText() => Assert.Equal(0, (int)await browser.RunAsync("hostile"));

    [Fact]
    public async Task Health_Page_NamesWhatTheApiNames()
    {
        JsonNode result = await browser.RunAsync("health");
        string[] named = [.. ((string[])["dependencies", "upstreams", "stores"]).SelectMany(list => result["api"]![list]!.AsArray()).Select(item => (string)item!["name"]!)];
        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains(name, (string)result["text"]!, StringComparison.Ordinal));
        Assert.Contains("KV pool of", (string)result["text"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Figures_ThatAreNone_SayWhatToDo()
        => Assert.Contains("No requests in this range.", (string)(await browser.RunAsync("empty"))[0]!, StringComparison.Ordinal);

    [Fact]
    public async Task Figures_ThatFail_SayWhyAndAreTriedAgain()
    {
        JsonNode result = await browser.RunAsync("failure");
        Assert.Contains("The ledger is locked.", (string)result["locked"]!, StringComparison.Ordinal);
        Assert.Contains("The proxy did not answer.", (string)result["gone"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_InBothThemes_ViolateNoRuleOfAxe() => Assert.Empty((await browser.RunAsync("accessible")).AsArray().Select(violation => (string)violation!));

    [Fact]
    public async Task Pages_On360Pixels_DoNotScrollSideways() => Assert.Empty((await browser.RunAsync("narrow")).AsArray().Select(page => (string)page!));

    [Fact]
    public async Task Theme_Button_GoesRoundAndIsKept()
    {
        JsonNode result = await browser.RunAsync("theme");
        Assert.Equal("light light dark light", string.Join(' ', result["seen"]!.AsArray().Select(seen => ((string)seen!).Split(' ')[0])));
        Assert.Equal(2, result["seen"]!.AsArray().Select(seen => (string)seen!).Distinct().Count());
        Assert.Equal("Theme: light", (string?)result["kept"]);
        Assert.False((bool)result["printed"]!["nav"]!);
        Assert.True((bool)result["printed"]!["figures"]!);
    }

    [Fact]
    public async Task Keyboard_Alone_ReachesEverything()
    {
        JsonNode result = await browser.RunAsync("keyboard");
        Assert.Equal("Skip to the figures", (string?)result["first"]);
        Assert.NotEqual("none", (string?)result["outline"]);
        Assert.Equal("main", (string?)result["skipped"]);
        Assert.True((bool)result["help"]!);
        Assert.Equal(0, (int)result["closed"]!);
        Assert.Contains("Spent $", (string)result["said"]!, StringComparison.Ordinal);
        Assert.True((bool)result["moved"]!);
        Assert.StartsWith("Requests", (string?)result["sorted"]!["focus"], StringComparison.Ordinal);
        Assert.Equal("descending", (string?)result["sorted"]!["order"]);
    }

    [Fact]
    public async Task Address_OfAPage_KeepsRangeAndFilters()
    {
        JsonNode result = await browser.RunAsync("address");
        Assert.Equal("?range=7d&model=gpt-4o-mini", (string?)result["chosen"]);
        Assert.Equal((string?)result["chosen"], (string?)result["reloaded"]!["search"]);
        Assert.Equal("gpt-4o-mini", (string?)result["reloaded"]!["model"]);
        Assert.Equal("7 d", (string?)result["reloaded"]!["range"]);
        Assert.Equal((string?)result["chosen"], (string?)result["other"]);
        Assert.Equal((string?)result["chosen"], (string?)result["cache"]!["search"]);
        Assert.Equal("gpt-4o-mini", (string?)result["cache"]!["model"]);
        Assert.Equal((string?)result["chosen"], (string?)result["forward"]!["search"]);
        Assert.Equal("gpt-4o-mini", (string?)result["forward"]!["model"]);
        Assert.Equal(result["forward"]!["requests"]!.ToString(), result["shared"]!.ToString());
        Assert.Equal("?range=7d", (string?)result["back"]!["search"]);
        Assert.Equal("", (string?)result["back"]!["model"]);
        Assert.Contains("range=custom", (string)result["custom"]!["search"]!, StringComparison.Ordinal);
        Assert.Contains("2 Jan", (string)result["custom"]!["text"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Live_Rows_ComePauseAndGoOn()
    {
        JsonNode result = await browser.RunAsync("live");
        Assert.Contains("exact", (string)result["first"]!, StringComparison.Ordinal);
        Assert.Contains("gpt-4o-mini", (string)result["first"]!, StringComparison.Ordinal);
        Assert.Equal(0, (int)result["paused"]!);
        Assert.Equal(1, (int)result["after"]!);
        Assert.Equal(0, (int)result["cleared"]!);
    }

    [Fact]
    public async Task Entry_FoundByItsTag_IsReadTaggedAndDeleted()
    {
        JsonNode result = await browser.RunAsync("entry");
        Assert.Equal(1, (int)result["found"]!);
        Assert.Contains("Which ocean is the deepest?", result["answer"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("""["doc-43","reviewed"]""", result["tags"]!.ToJsonString());
        Assert.True((bool)result["kept"]!);
        Assert.Equal("entry_not_found", (string?)result["gone"]);
        Assert.True((bool)result["closed"]!);
    }

    [Fact]
    public async Task SemanticHit_MarkedAsWrong_IsRemovedAndLearnedFrom_AnExactOneIsRemoved()
    {
        JsonNode result = await browser.RunAsync("wrong");
        Assert.Contains("the policy learns", (string)result["served"]!["told"]!, StringComparison.Ordinal);
        Assert.Equal("✓ Removed, and learned from.", (string?)result["served"]!["toast"]);
        Assert.Contains("no semantic hit to learn from", (string)result["audited"]!["told"]!, StringComparison.Ordinal);
        Assert.Equal("✓ Removed. It was no semantic hit, so there was nothing to learn.", (string?)result["audited"]!["toast"]);
        Assert.All(["served", "audited"], which => Assert.Equal("entry_not_found", (string?)result[which]!["gone"]));
    }

    [Fact]
    public async Task Entries_OfATenant_AreFoundByItsName()
    {
        JsonNode result = await browser.RunAsync("tenantsEntries");
        Assert.NotEmpty(result["tenants"]!.AsArray());
        Assert.All(result["tenants"]!.AsArray(), tenant => Assert.Equal("search", (string?)tenant));
        Assert.Contains("Which ocean is the deepest?", result["questions"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("search", (string?)result["field"]);
    }

    [Fact]
    public async Task Report_InBothThemes_ViolatesNoRuleOfAxe()
    {
        JsonNode result = await browser.RunOnReportAsync("accessible");
        Assert.Equal(2, result["found"]!.AsArray().Select(theme => (string)theme!["ground"]!).Distinct().Count());
        Assert.All(result["found"]!.AsArray(), theme =>
        {
            Assert.NotEqual(0, (int)theme!["tables"]!);
            Assert.Empty(theme["violations"]!.AsArray().Select(violation => (string)violation!));
        });
        Assert.Empty(result["faults"]!.AsArray().Select(fault => (string)fault!));
    }

    [Fact]
    public async Task Threshold_MovedByKeyAndMouse_IsAppliedToTheSettings()
    {
        JsonNode result = await browser.RunAsync("threshold");
        Assert.Contains("serves", (string)result["said"]!, StringComparison.Ordinal);
        Assert.NotEqual((double)result["marked"]!, (double)result["dragged"]!);
        Assert.Contains("Applied", (string)result["toast"]!, StringComparison.Ordinal);
        Assert.Equal((double)result["chosen"]!, (double)JsonNode.Parse(await File.ReadAllTextAsync(await browser.SettingsAsync(), TestContext.Current.CancellationToken))!["Semantic"]!["Threshold"]!, 1e-6);
    }

    [Fact]
    public async Task Pages_InAllScenarios_WroteNoErrorAndAskedNoOtherHost() => Assert.Empty((await browser.RunAsync("faults")).AsArray().Select(fault => (string)fault!));

    private static string? Tile(JsonNode result, string title) => (string?)result["tiles"]![title]!["value"];

    // What has no price at all is unknown, not zero.
    private static string? Money(JsonNode figures, string sum)
        => (long)figures["requests"]! > 0 && (long)figures["unknown_price_requests"]! == (long)figures["requests"]! ? null : figures[sum]!.ToString();

    // The chart's own table: what each tier has over all steps.
    private static void AssertTierTable(JsonNode result, JsonNode totals)
    {
        string[] tiers = ["exact", "semantic", "collapsed", "stale", "miss", "bypass"];
        for (int tier = 0; tier < tiers.Length; tier++)
        {
            Assert.Equal((long)totals[tiers[tier]]!, result["tiers"]!.AsArray().Sum(row => long.Parse((string)row![tier + 1]!, NumberStyles.AllowThousands, CultureInfo.InvariantCulture)));
        }
    }
}
