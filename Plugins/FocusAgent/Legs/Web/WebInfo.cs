using Parley.Plugins.FocusAgent.Conferences;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Legs.Web;

/// <summary>What the page says in the namespace of its own.</summary>
public static class WebInfo
{
    /// <summary>The most participants that one wish may name.</summary>
    public const int MaxNamed = 500;

    /// <summary>Reads what the page wishes to see. Ids of nobody are kept: they may be somebody's who comes back.</summary>
    public static View ReadView(Element view) => new(Named(view, "pin"), Named(view, "hide"));

    /// <summary>Reads the secret by which a page is the same participant again; null if there is none that could be a secret.</summary>
    public static string? ReadToken(Element leg) => leg["token"] is { Length: >= 16 and <= 128 } token ? token : null;

    private static HashSet<string> Named(Element view, string name) =>
        [.. view.ChildrenNamed(name, Ns.WebLeg).Take(MaxNamed).Select(e => e["participant"]).OfType<string>().Where(id => id.Length <= 64)];
}
