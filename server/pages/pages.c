/* The list of route tables; a new module adds its table here. */
#include "server/pages/pages.h"

#include "server/http/static.h"

const struct route *const *pages_routes(void)
{
    static const struct route *const tables[] = {
        catalog_routes, static_routes, home_routes, access_routes, first_routes,
        me_routes, join_routes, people_routes, audit_routes, accounts_routes,
        account_vendor_routes, notifications_routes, tokens_routes, hooks_routes,
        cart_routes, cart_order_routes, orders_routes, inventory_routes,
        inventory_change_routes, inventory_usage_routes,
        sell_catalog_routes, sell_photo_routes, sell_order_routes, sell_settings_routes,
        settings_routes, settings_attribute_routes, settings_vendor_routes, cash_routes,
        dues_routes,
        admin_routes, admin_request_routes, admin_user_routes, admin_account_routes,
        admin_outbox_routes, admin_settings_routes, admin_service_routes,
        admin_backup_routes, simulator_routes, webhook_routes, system_routes,
        openapi_routes, NULL,
    };

    return tables;
}
