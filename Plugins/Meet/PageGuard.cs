using System.Security.Cryptography;
using System.Text;

namespace Parley.Plugins.Meet;

/// <summary>
/// The one script that stands inside the pages (<c>js/guard.js</c>), since what watches over their loading must not depend on it. The policy names it by its hash
/// (Content Security Policy Level 3, section 2.3.1), so that no other script may stand there.
/// </summary>
internal sealed class PageGuard
{
    private readonly WebFiles _files;
    private readonly string _script;

    public PageGuard(WebFiles files)
    {
        _files = files;
        _script = files.Text("js/guard.js");
        Source = $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(_script)))}'";
    }

    /// <summary>The script as a source expression of the policy.</summary>
    public string Source { get; }

    /// <summary>A page with the script in its place.</summary>
    public string Page(string path) => _files.Text(path).Replace("{{guard}}", _script, StringComparison.Ordinal);
}
