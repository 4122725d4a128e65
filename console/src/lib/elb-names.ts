/** Whether a load balancer or a target group can be called so. */
export const isElbName = (text: string): boolean => /^(?!-)(?!.*-$)[A-Za-z0-9-]{1,32}$/.test(text);

export const ELB_NAME_FAULT = "1 to 32 letters, digits and hyphens; no hyphen at either end.";
