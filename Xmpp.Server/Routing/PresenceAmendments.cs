using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Lets plugins add to the available presence of accounts' sessions, broadcast or directed, before anybody sees it.</summary>
internal sealed class PresenceAmendments(PluginCalls calls, ILogger<PresenceAmendments> log, IContributions<IPresenceAmendment>? plugins = null)
{
    /// <summary>What the session is taken to have sent.</summary>
    public async ValueTask<Stanza> AmendAsync(Session session, Stanza stanza)
    {
        if (stanza is not Presence { IsAvailable: true } presence || session.Kind != SenderKind.Account || plugins is null) return stanza;
        foreach (var plugin in plugins.Items)
        {
            var before = presence;
            try
            {
                var after = await calls.CallAsync(c => plugin.AmendAsync(before, session, c), CancellationToken.None);
                // Whose it is and whom it is for is not for a plugin to say.
                if (after.IsAvailable) presence = (Presence)after.WithAddresses(before.From, before.To);
            }
            catch (Exception e)
            {
                log.LogError(e, "Amending a presence failed");
            }
        }

        return presence;
    }
}
