using System.Runtime.CompilerServices;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Archive;

/// <summary>Archives a message for the accounts that it concerns: one write for both, before it goes on, so that what is delivered or acknowledged is durable.</summary>
internal sealed class ArchivedMessages(
    ArchiveStore archive, PreferenceStore preferences, Retractions retractions, Redelivery redelivery, IServerInfo server, IContributions<IBlockedAddresses> blocked,
    ISessionDirectory sessions, TimeProvider time) : ISentMessageIds
{
    private const string MucUser = "http://jabber.org/protocol/muc#user";

    // Of messages on their way, by the object that goes on. Gone with the message.
    private readonly ConditionalWeakTable<Message, string> _sent = [];

    /// <summary>Whether an address is a local account's, existing or not.</summary>
    public bool IsAccount(Jid jid) => jid.Local is not null && server.Domains.Contains(jid.Domain);

    /// <inheritdoc/>
    public string? Find(Message message) => _sent.TryGetValue(message, out var id) ? id : null;

    /// <summary>Archives what a local account sends, for itself and for the account that it is for. What it writes next need not wait for that.</summary>
    /// <param name="came">The message as it came.</param>
    /// <param name="message">The message without claims to ids of either.</param>
    /// <param name="sender">The account.</param>
    /// <param name="mayReceive">Whether it can come to the account that it is for.</param>
    /// <param name="ct">Gives up.</param>
    public async ValueTask<Interception> SendAsync(Message came, Message message, Jid sender, bool mayReceive, CancellationToken ct)
    {
        var to = message.To ?? sender;
        var additions = new List<ArchiveAddition>(2);
        var isOwn = to.Bare == sender;
        if (await preferences.KeepsAsync(sender, to, ct)) additions.Add(New(sender, to, sender, message));
        var receiver = !isOwn && mayReceive && IsAccount(to) ? to.Bare : null;
        if (receiver is not null && await preferences.KeepsAsync(receiver, message.From!, ct) && !await IsBlockedAsync(receiver, message.From!, ct)) additions.Add(New(receiver, message.From!, sender, message));
        if (additions.Count == 0) return Next(came, message);
        var begun = await BeginAsync(message, additions, ct);
        return Interception.Later(new Deferral(begun.Written, async () => Next(came, await EndAsync(message, additions, begun, sender, isOwn ? sender : receiver, ct))));
    }

    /// <summary>Archives what a local account receives from anybody else.</summary>
    /// <param name="came">The message as it came.</param>
    /// <param name="message">The message without claims to an id of the account's.</param>
    /// <param name="receiver">The account.</param>
    /// <param name="ct">Gives up.</param>
    public async ValueTask<Interception> ReceiveAsync(Message came, Message message, Jid receiver, CancellationToken ct)
    {
        if (!await preferences.KeepsAsync(receiver, message.From!, ct) || await IsBlockedAsync(receiver, message.From!, ct)) return Next(came, message);
        ArchiveAddition[] additions = [OfOccupant(message, New(receiver, message.From!, message.From!.Bare, message))];
        var begun = await BeginAsync(message, additions, ct);
        await ((Task)begun.Written).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Next(came, await EndAsync(message, additions, begun, null, receiver, ct));
    }

    /// <summary>What goes on in the place of what came; null: nothing, since it is there already.</summary>
    public static Interception Next(Message came, Message? goesOn) => goesOn is null ? Interception.Handled : goesOn == came ? Interception.Continue : Interception.Replace(goesOn);

    private static ArchiveAddition New(Jid owner, Jid with, Jid author, Message message) => new(owner, with, author, message) { OriginId = StanzaIds.OriginOf(message) };

    // What one occupant of a room writes to another comes once for each client of theirs: the nickname tells whose origin-id it is.
    private static ArchiveAddition OfOccupant(Message message, ArchiveAddition addition) =>
        IsFromOccupant(message) && addition.OriginId is { } id ? addition with { OriginId = $"{message.From!.Resource}\n{id}" } : addition;

    private static bool IsFromOccupant(Message message) => message is { From.Resource: not null, To.Resource: not null } && message.Element.Child("x", MucUser) is not null;

    private async ValueTask<BegunAddition> BeginAsync(Message message, IReadOnlyList<ArchiveAddition> additions, CancellationToken ct)
    {
        if (Retractions.IdOf(message) is not null)
        {
            // What it retracts may be on its way still.
            await archive.FlushAsync();
            foreach (var addition in additions) await retractions.ApplyAsync(addition.Owner, addition.With, message, time.GetUtcNow(), ct);
        }

        return await archive.BeginAsync(additions, ct);
    }

    private async ValueTask<Message?> EndAsync(Message message, IReadOnlyList<ArchiveAddition> additions, BegunAddition begun, Jid? sender, Jid? receiver, CancellationToken ct)
    {
        var archived = archive.Read(begun);
        if (ct.IsCancellationRequested)
        {
            // Nobody waits any more: the sender has been told that it failed, and what is sent again must not count as delivered.
            foreach (var addition in additions.Where(a => a.OriginId is not null)) await archive.ForgetOriginAsync(addition.Owner, addition.Author, addition.With, addition.OriginId!, CancellationToken.None);
            ct.ThrowIfCancellationRequested();
        }

        string? sentId = null;
        var goesOn = message;
        var isDuplicate = false;
        for (var i = 0; i < archived.Count; i++)
        {
            if (archived[i] is not { } how) continue;
            if (additions[i].Owner == receiver) goesOn = StanzaIds.Add(goesOn, receiver, how.Id);
            if (additions[i].Owner == sender) sentId = how.Id;
            isDuplicate |= how.IsDuplicate;
        }

        // To each of the clients it is delivered.
        if (isDuplicate && !(sender is null && IsFromOccupant(message)) && await redelivery.IsNeedlessAsync(goesOn, receiver, archived, ct)) return null;
        // For the sender's other clients; mostly there are none.
        if (sentId is not null && sessions.Of(sender!).Count > 1) _sent.AddOrUpdate(goesOn, sentId);
        return goesOn;
    }

    private async ValueTask<bool> IsBlockedAsync(Jid account, Jid address, CancellationToken ct)
    {
        foreach (var item in blocked.Items)
        {
            if (await item.IsBlockedAsync(account, address, ct)) return true;
        }

        return false;
    }
}
