using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Archive;

/// <summary>Tells an account's preferences (XEP-0441 section 2.1).</summary>
internal sealed class PreferencesGetHandler(PreferenceStore preferences, IOptionsMonitor<ArchiveOptions> options) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) =>
        iq.From.Bare == iq.To ? iq.Result((await preferences.FindAsync(iq.To, ct)).ToElement(options.CurrentValue.Default)) : iq.Error(StanzaCondition.Forbidden);
}

/// <summary>Changes them.</summary>
internal sealed class PreferencesSetHandler(PreferenceStore preferences, IOptionsMonitor<ArchiveOptions> options) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.From.Bare != iq.To) return iq.Error(StanzaCondition.Forbidden);
        if (ArchivePreferences.Read(iq.Payload) is not { } wanted) return iq.Error(StanzaCondition.BadRequest);
        var max = options.CurrentValue.MaxPreferences;
        if (wanted.Always.Count > max || wanted.Never.Count > max) return iq.Error(StanzaCondition.ResourceConstraint, $"A list has at most {max} addresses.");
        await preferences.WriteAsync(iq.To, wanted, ct);
        return iq.Result(wanted.ToElement(options.CurrentValue.Default));
    }
}
