using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugin.Abstractions;

/// <summary>
/// Tells under which id an account's archive has what one of its clients sends; contributed by the archive. The addressee must not see that id (XEP-0313 section 3.4), the account's
/// other clients should, in their copies (XEP-0280).
/// </summary>
public interface ISentMessageIds
{
    /// <summary>The id of a message on its way, the very object that an interceptor was shown; null if it is not archived.</summary>
    string? Find(Message message);
}
