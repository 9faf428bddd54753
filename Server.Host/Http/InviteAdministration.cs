using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Plugins;

namespace Parley.Server.Host.Http;

/// <summary>What <c>./parley invite</c> asks of a running server: an invitation, of whichever plugin lets people in. It needs the key.</summary>
internal static class InviteAdministration
{
    public static void Map(WebApplication app)
    {
        var contributions = app.Services.GetRequiredService<ContributionTable>();
        var key = app.Services.GetRequiredService<AdministrationKey>();
        app.MapPost(HttpPaths.Invites, async context =>
        {
            if (!key.Matches(context.Request.Headers.Authorization)) await Administration.AnswerAsync(context, StatusCodes.Status401Unauthorized, "The key is wrong or missing.");
            else if (contributions.Of<IInvitations>() is not [var invitations, ..]) await Administration.AnswerAsync(context, StatusCodes.Status409Conflict, "No plugin that lets people in runs.");
            else await InviteAsync(context, invitations);
        });
    }

    private static async Task InviteAsync(HttpContext context, IInvitations invitations)
    {
        var query = context.Request.Query;
        TimeSpan? lifetime = TimeSpan.TryParse(query["lifetime"], CultureInfo.InvariantCulture, out var span) ? span : null;
        var (invitation, fault) = await invitations.CreateAsync((string?)query["domain"] ?? "", query["user"], lifetime, context.RequestAborted);
        var message = invitation is null ? fault
            : string.Join('\n', ((string?[])[invitation.Page, invitation.Uri, $"For one person, until {invitation.Expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}."]).Where(l => l is not null));
        await Administration.AnswerAsync(context, invitation is null ? StatusCodes.Status409Conflict : StatusCodes.Status200OK, message);
    }
}
