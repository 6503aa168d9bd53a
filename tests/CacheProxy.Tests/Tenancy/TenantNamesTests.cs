using CacheProxy.Exchange;
using CacheProxy.Tenancy;
using CacheProxy.Tests.SemanticCache;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.Tenancy;

public class TenantNamesTests
{
    private readonly TestOptions<TenantOptions> _options = new(new TenantOptions());
    private readonly InstallationSecret _secret = new(new string('s', 32), "", NullLogger<InstallationSecret>.Instance);

    [Fact]
    public void Key_WithoutAName_GoesByItsId_WithOne_ByThat()
    {
        TenantNames names = CreateSut();
        ExchangeFeature exchange = Request("sk-1");
        string id = names.IdOf(exchange);

        Assert.Equal(exchange.Scope.Id[..16], id);
        Assert.Equal(id, names.IdOfKey("sk-1"));
        Assert.Equal(id, names.Of(exchange));
        _options.CurrentValue = With(new TenantName { Name = "search", KeyId = id });
        Assert.Equal("search", names.Of(exchange));
        Assert.NotEqual("search", names.Of(Request("sk-2")));
        // Another name, or none, counts at once.
        _options.CurrentValue = new TenantOptions();
        Assert.Equal(id, names.Of(exchange));
    }

    [Fact]
    public void SharedScope_StillTellsKeysApart()
    {
        TenantNames names = CreateSut();
        _options.CurrentValue = With(new TenantName { Name = "search", KeyId = names.IdOfKey("sk-1") });
        _options.CurrentValue.Scope = ScopeMode.Shared;

        Assert.Equal("search", names.Of(Request("sk-1")));
        Assert.Equal(names.IdOfKey("sk-2"), names.Of(Request("sk-2")));
    }

    [Fact]
    public void Key_InAFile_IsHashedHere()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "sk-from-file\n");
            _options.CurrentValue = With(new TenantName { Name = "files", KeyFile = path });

            Assert.Equal("files", CreateSut().Of(Request("sk-from-file")));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private TenantNames CreateSut() => new(_secret, _options, NullLogger<TenantNames>.Instance);

    private static TenantOptions With(TenantName name)
    {
        var options = new TenantOptions();
        options.Names.Add(name);
        return options;
    }

    private ExchangeFeature Request(string key)
    {
        var scopes = new ScopeResolver(_secret, _options);
        var headers = new HeaderDictionary { ["Authorization"] = "Bearer " + key };
        return new ExchangeFeature { Dialect = Dialect.OpenAIChat, Body = default, Scope = scopes.Resolve(headers), Sender = scopes.IsShared ? scopes.SenderOf(headers) : default };
    }
}
