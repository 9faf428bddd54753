using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Roster;

/// <summary>Answers presence probes (RFC 6121 section 4.3.2).</summary>
internal sealed class Probes(RosterState rosters, PresenceSender presence)
{
    /// <summary>Answers one.</summary>
    public async ValueTask AnswerAsync(Presence probe, SenderInfo sender, CancellationToken ct)
    {
        var (user, asker) = (probe.To!.Bare, probe.From!);
        if (asker.Bare != user)
        {
            var item = await rosters.FindAsync(user, asker.Bare, ct);
            if (item is not { SubscribedFrom: true })
            {
                // The other side believes in a subscription that is not there; one that still waits is no contradiction.
                if (item?.PendingIn is null) await presence.SendAsync("unsubscribed", user, asker.Bare, ct);
                return;
            }
        }

        // Another server keeps what it was told last, so it is told that nobody is there; here silence means that.
        if (await presence.SendAvailableAsync(user, asker, ct) == 0 && sender.Kind == SenderKind.Remote) await presence.SendAsync("unavailable", user, asker, ct);
    }
}
