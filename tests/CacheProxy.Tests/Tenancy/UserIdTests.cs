using CacheProxy.Tenancy;
using CacheProxy.Tests.SemanticCache;
using Microsoft.Extensions.Logging.Abstractions;

namespace CacheProxy.Tests.Tenancy;

public class UserIdTests
{
    [Fact]
    public void User_Named_IsAKeyedHash()
    {
        string? id = CreateSut("a secret of more than thirty-two characters").UserIdOf("alice");

        Assert.Matches("^[0-9a-f]{16}$", id);
        Assert.Equal(id, CreateSut("a secret of more than thirty-two characters").UserIdOf("alice"));
        Assert.NotEqual(id, CreateSut("a secret of more than thirty-two characters").UserIdOf("bob"));
        Assert.NotEqual(id, CreateSut("another secret of more than thirty-two characters").UserIdOf("alice"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void User_NotNamed_IsNull(string? user)
        => Assert.Null(CreateSut("a secret of more than thirty-two characters").UserIdOf(user));

    private static ScopeResolver CreateSut(string secret)
        => new(new InstallationSecret(secret, "", NullLogger<InstallationSecret>.Instance), new TestOptions<TenantOptions>(new TenantOptions()));
}
