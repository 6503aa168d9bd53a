using CacheProxy.SemanticCache.Questions;

namespace CacheProxy.Tests.SemanticCache.Questions;

public sealed class CodeDetectorTests
{
    [Theory]
    [InlineData("What does this do?\n```\nx = 1\n```")]
    [InlineData("int a = 1;\nint b = 2;")]
    [InlineData("for(int i=0;i<n;i++){a[i]=b[i];}")]
    [InlineData("def f(x):\n    return x\nfor y in z:\n    f(y)")]
    [InlineData("<div>\n<span>x</span>\n</div>")]
    [InlineData("SELECT a.x, (b.y) FROM t WHERE a.x >= 5 AND (b.y <= 3 OR b.y = 9) AND c_d = e_f;")]
    public void IsCode_MostlyCode_IsFound(string text) => Assert.True(CodeDetector.IsCode(text));

    [Theory]
    [InlineData("How do I sort a list in Python with sorted(x, key=len)?")]
    [InlineData("What is the difference between == and === in JavaScript?")]
    [InlineData("Compare the two plans: price, coverage (dental; vision), and terms.")]
    [InlineData("What is the capital of France?")]
    [InlineData("Solve 3x + 5 = 20 for x (show your work).")]
    public void IsCode_QuestionInWords_IsNot(string text) => Assert.False(CodeDetector.IsCode(text));
}
