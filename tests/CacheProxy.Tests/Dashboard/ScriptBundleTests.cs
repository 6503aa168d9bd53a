using CacheProxy.Dashboard.Files;

namespace CacheProxy.Tests.Dashboard;

/// <summary>Modules put together as one script.</summary>
public class ScriptBundleTests
{
    [Fact]
    public void Modules_RunOnceAndAfterWhatTheyNeed()
    {
        string script = ScriptBundle.Of(
            new Dictionary<string, string>
            {
                ["js/app.js"] = "/** Starts. */\nimport './theme.js';\nimport { a, b as c } from './parts/ab.js';\na(c);\n",
                ["js/theme.js"] = "import { a } from './parts/ab.js';\nconst page = { module: () => import('./late.js') };\n",
                ["js/parts/ab.js"] = "/**\n * Not for the wire.\n */\nexport function a() {}\n\nexport const b = /** @type {number} */ (1);\n",
                ["js/late.js"] = "export async function draw() {}\n",
                ["js/unused.js"] = "export const never = 1;\n",
            },
            "js/app.js");

        Assert.Equal(
            """
            (() => {
            'use strict';
            const $js_parts_ab_js = (() => {
            function a() {}

            const b = (1);
            return { a, b };
            })();
            const $js_late_js = (() => {
            async function draw() {}
            return { draw };
            })();
            const $js_theme_js = (() => {
            const { a } = $js_parts_ab_js;
            const page = { module: () => Promise.resolve($js_late_js) };
            return {  };
            })();
            const $js_app_js = (() => {
            const { a, b: c } = $js_parts_ab_js;
            a(c);
            return {  };
            })();
            })();

            """.ReplaceLineEndings("\n"),
            script);
    }

    [Theory]
    [InlineData("import { a } from './gone.js';", "js/gone.js")]
    [InlineData("import { a } from './app.js';", "needs itself")]
    [InlineData("import a from './other.js';", "cannot be bundled")]
    [InlineData("export default function () {}", "cannot be bundled")]
    [InlineData("const page = import(name);", "cannot be bundled")]
    public void Module_InAFormThatIsNotKnown_IsRefusedByName(string source, string reason)
    {
        var modules = new Dictionary<string, string> { ["js/app.js"] = source + "\n", ["js/other.js"] = "" };

        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => ScriptBundle.Of(modules, "js/app.js")).Message, StringComparison.Ordinal);
    }
}
