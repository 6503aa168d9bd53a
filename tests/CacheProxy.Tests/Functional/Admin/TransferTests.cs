using System.Text;
using CacheProxy.Protocol;

namespace CacheProxy.Tests.Functional.Admin;

public class TransferTests
{
    private const string Secret = "a secret of more than thirty-two characters";

    [Fact]
    public async Task Export_IntoAProxyWithTheSameSecret_AnswersThere()
    {
        await using ProxyUnderTest one = await StartAsync(Secret);
        await using ProxyUnderTest other = await StartAsync(Secret);
        Reply asked = await one.AskAsync("one", headers: (HeaderNames.Tags, "a"));
        await one.AskAsync("two");
        await one.StoredAsync(2);
        string export = (await one.GetAsync("/admin/export")).Text;

        Reply first = await ImportAsync(other, export);
        Reply again = await ImportAsync(other, export);

        Assert.Equal((200, 2L, 0L), Counts(first));
        Assert.Equal((200, 0L, 2L), Counts(again));
        Reply hit = await other.AskAsync("one");
        Assert.StartsWith("CacheProxy; hit; detail=exact", hit.CacheStatus);
        Assert.Equal(asked.Body, hit.Body);
        Assert.Equal(0, other.Upstream.Calls);
        string back = (await other.GetAsync("/admin/export")).Text;
        Assert.Equal(export[export.IndexOf('\n')..], back[back.IndexOf('\n')..]);
    }

    [Fact]
    public async Task Export_Selected_HoldsThatOnly()
    {
        await using ProxyUnderTest proxy = await StartAsync(Secret);
        await proxy.AskAsync("one", headers: (HeaderNames.Tags, "a"));
        await proxy.AskAsync("two");
        await proxy.StoredAsync(2);

        string[] lines = (await proxy.GetAsync("/admin/export?tag=a")).Text.TrimEnd().Split('\n');

        Assert.Equal(3, lines.Length);
        Assert.Equal("""{"end":true,"count":1}""", lines[2]);
        Assert.Equal("tagg", (await proxy.GetAsync("/admin/export?tagg=a")).ErrorParam);
    }

    [Fact]
    public async Task Import_FromAnotherSecret_IsRefusedClearly()
    {
        await using ProxyUnderTest one = await StartAsync(Secret);
        await using ProxyUnderTest other = await StartAsync("another secret of more than thirty-two characters");
        await one.AskAsync();
        await one.StoredAsync(1);

        Reply reply = await ImportAsync(other, (await one.GetAsync("/admin/export")).Text);

        Assert.Equal((409, "secret_mismatch"), (reply.Status, reply.ErrorCode));
        Assert.Contains("Tenants:Secret", reply.Text);
        Assert.Equal(0, (await other.ActAsync("/admin/purge", """{"all":true}""")).Json.GetProperty("count").GetInt64());
    }

    [Fact]
    public async Task Import_CutOrDamaged_SaysSo()
    {
        await using ProxyUnderTest one = await StartAsync(Secret);
        await using ProxyUnderTest other = await StartAsync(Secret);
        await one.AskAsync();
        await one.StoredAsync(1);
        string export = (await one.GetAsync("/admin/export")).Text;
        string[] lines = export.TrimEnd().Split('\n');

        Assert.Equal((400, "export_cut"), Fault(await ImportAsync(other, lines[0] + "\n" + lines[1])));
        Assert.Equal((400, "export_cut"), Fault(await ImportAsync(other, "")));
        Assert.Equal((400, "invalid_line"), Fault(await ImportAsync(other, "nonsense")));
        Assert.Equal((400, "invalid_line"), Fault(await ImportAsync(other, lines[1])));
        Assert.Equal((400, "invalid_line"), Fault(await ImportAsync(other, lines[0] + "\n" + lines[2])));
        Assert.Equal((400, "invalid_line"), Fault(await ImportAsync(other, export + lines[1])));
        StringBuilder damaged = new(lines[1]);
        damaged[60] = damaged[60] == 'A' ? 'B' : 'A';
        Assert.Equal((400, "invalid_line"), Fault(await ImportAsync(other, lines[0] + "\n" + damaged + "\n" + lines[2])));
    }

    [Fact]
    public async Task Import_OfWhatIsNewerHere_KeepsIt()
    {
        await using ProxyUnderTest proxy = await StartAsync(Secret);
        await proxy.AskAsync();
        await proxy.StoredAsync(1);
        string export = (await proxy.GetAsync("/admin/export")).Text;
        proxy.Clock.Advance(TimeSpan.FromSeconds(10));
        proxy.Upstream.Script = (context, _) => Answers.ObjectAsync(context, "newer");
        await proxy.AskAsync(headers: ("Cache-Control", "no-cache"));

        Assert.Equal((200, 0L, 1L), Counts(await ImportAsync(proxy, export)));

        Assert.Contains("newer", (await proxy.AskAsync()).Text);
    }

    [Fact]
    public async Task Import_DryRunOrExpired_StoresNothing()
    {
        await using ProxyUnderTest one = await StartAsync(Secret);
        await using ProxyUnderTest other = await StartAsync(Secret);
        await one.AskAsync();
        await one.StoredAsync(1);
        string export = (await one.GetAsync("/admin/export")).Text;

        Assert.Equal((200, 1L, 0L), Counts(await ImportAsync(other, export, isDryRun: true)));
        other.Clock.Advance(TimeSpan.FromDays(2));
        Reply expired = await ImportAsync(other, export);

        Assert.Equal(1, expired.Json.GetProperty("expired").GetInt64());
        Assert.Equal(0, (await other.ActAsync("/admin/purge", """{"all":true}""")).Json.GetProperty("count").GetInt64());
    }

    private static Task<ProxyUnderTest> StartAsync(string secret) => ProxyUnderTest.StartAsync(new() { ["Tenants:Secret"] = secret });

    private static Task<Reply> ImportAsync(ProxyUnderTest proxy, string export, bool isDryRun = false)
        => proxy.CallAsync(HttpMethod.Post, $"/admin/import?dry_run={(isDryRun ? "true" : "false")}", export, [], "application/x-ndjson");

    private static (int, long, long) Counts(Reply reply)
        => (reply.Status, reply.Json.GetProperty("imported").GetInt64(), reply.Json.GetProperty("skipped").GetInt64());

    private static (int, string?) Fault(Reply reply) => (reply.Status, reply.ErrorCode);
}
