using System.Text;
using CacheProxy.Protocol.Anthropic;
using CacheProxy.Protocol.OpenAI;

namespace CacheProxy.Protocol.Tests.Anthropic;

public sealed class MessageErrorTests
{
    [Theory]
    [InlineData(400, 400, "invalid_request_error")]
    [InlineData(401, 401, "authentication_error")]
    [InlineData(403, 403, "permission_error")]
    [InlineData(404, 404, "not_found_error")]
    [InlineData(405, 405, "invalid_request_error")]
    [InlineData(413, 413, "request_too_large")]
    [InlineData(415, 415, "invalid_request_error")]
    [InlineData(429, 429, "rate_limit_error")]
    [InlineData(500, 500, "api_error")]
    [InlineData(502, 502, "api_error")]
    [InlineData(503, 529, "overloaded_error")]
    [InlineData(504, 504, "timeout_error")]
    public void ToJson_EveryStatus_HasItsWord(int status, int sent, string type)
    {
        var error = new RequestError("It \"failed\".", null, "code", status);
        Assert.Equal(sent, MessageError.StatusOf(error));
        Assert.Equal(
            $$"""{"type":"error","error":{"type":"{{type}}","message":"It \"failed\"."},"request_id":"req_1"}""", Encoding.UTF8.GetString(MessageError.ToJson(error, "req_1")));
    }

    [Fact]
    public void ToJson_FieldThatTheMessageDoesNotName_IsNamed()
        => Assert.Contains("\"message\":\"tools[0].input_schema: too deep.\"", Encoding.UTF8.GetString(MessageError.ToJson(new RequestError("too deep.", "tools[0].input_schema", "c"), "r")), StringComparison.Ordinal);
}
