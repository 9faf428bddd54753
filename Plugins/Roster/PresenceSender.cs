using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Roster;

/// <summary>Sends presence in accounts' names.</summary>
internal sealed class PresenceSender(IStanzaRouter router, ISessionDirectory sessions)
{
    /// <summary>Sends a presence of a type.</summary>
    public ValueTask SendAsync(string type, Jid from, Jid to, CancellationToken ct) =>
        router.RouteAsync(new Presence(new Element("presence", Ns.Client).Attr("from", from.ToString()).Attr("to", to.ToString()).Attr("type", type)), ct);

    /// <summary>Routes a presence as it is, but to <paramref name="to"/>.</summary>
    public ValueTask SendAsync(Presence presence, Jid to, CancellationToken ct) => router.RouteAsync(presence.WithAddresses(to: to), ct);

    /// <summary>Sends the presence of every available resource of an account; returns how many there were.</summary>
    public async ValueTask<int> SendAvailableAsync(Jid account, Jid to, CancellationToken ct)
    {
        var sent = 0;
        foreach (var session in sessions.Of(account))
        {
            if (!session.IsAvailable || session.Presence is not { } presence) continue;
            await SendAsync(presence, to, ct);
            sent++;
        }

        return sent;
    }

    /// <summary>Says unavailable for every available resource of an account.</summary>
    public async ValueTask SendUnavailableAsync(Jid account, Jid to, CancellationToken ct)
    {
        foreach (var session in sessions.Of(account))
        {
            if (session.IsAvailable) await SendAsync("unavailable", session.Jid, to, ct);
        }
    }
}
