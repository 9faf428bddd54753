using System.Runtime.CompilerServices;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Blocking;

/// <summary>Tells what this plugin itself sends from what it must keep back: refusals in the name of who is blocked, and the last presence for them.</summary>
internal sealed class OwnWord
{
    private readonly ConditionalWeakTable<Stanza, object> _said = [];

    /// <summary>Marks a stanza, that very object, and returns it.</summary>
    public T Say<T>(T stanza) where T : Stanza
    {
        _said.TryAdd(stanza, this);
        return stanza;
    }

    /// <summary>Whether a stanza was marked.</summary>
    public bool Is(Stanza stanza) => _said.TryGetValue(stanza, out _);
}
