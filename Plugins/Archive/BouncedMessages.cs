using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Archive;

/// <summary>
/// Archives an error that answers an archived message (XEP-0313 section 6.1), so that history shows what did not arrive, and lets that message be sent again under its origin-id.
/// </summary>
internal sealed class BouncedMessages(ArchiveStore archive, PreferenceStore preferences)
{
    // An error comes soon after what it answers.
    private const int LookAt = 200;

    /// <summary>Looks at an error for a local account; returns it, with its id where it was archived.</summary>
    public async ValueTask<Message> ReceiveAsync(Message error, CancellationToken ct)
    {
        var (account, with) = (error.To!.Bare, error.From!);
        if (error.Id is not { } id || await archive.FindByMessageIdAsync(account, with, id, account, LookAt, ct) is not { } answered) return error;
        if (StanzaIds.OriginOf(answered.Message) is { } origin) await archive.ForgetOriginAsync(account, account, answered.Message.To ?? account, origin, ct);
        if (!await preferences.KeepsAsync(account, with, ct)) return error;
        return await archive.AddAsync([new ArchiveAddition(account, with, with.Bare, error)], ct) is [{ } how] ? StanzaIds.Add(error, account, how.Id) : error;
    }
}
